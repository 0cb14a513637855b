const drawn = document.getElementById("drawn");
drawn.style.background = "#1b7f3a";
drawn.textContent = "1 to 20, squared: " + Array.from({ length: 20 }, (_, i) => (i + 1) ** 2).join(" ");
