package org.masquerelay.deploy;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A panel of the dashboard.
///
/// @param expressions as Grafana asks them while nothing is selected
record Panel(String title, List<String> expressions) {
    private static final String INTERVAL = "1m";

    /// Those that show something; rows do not.
    static List<Panel> ofDashboard() throws IOException {
        var dashboard =
                JsonParser.parseString(
                                Files.readString(Path.of("../deploy/grafana/masque-relay.json")))
                        .getAsJsonObject();
        var panels = new ArrayList<Panel>();
        for (var each : dashboard.getAsJsonArray("panels")) {
            var panel = each.getAsJsonObject();
            if (panel.has("targets")) {
                panels.add(new Panel(panel.get("title").getAsString(), expressions(panel)));
            }
        }
        return panels;
    }

    private static List<String> expressions(JsonObject panel) {
        var expressions = new ArrayList<String>();
        for (var target : panel.getAsJsonArray("targets")) {
            expressions.add(
                    target.getAsJsonObject()
                            .get("expr")
                            .getAsString()
                            .replace("$__rate_interval", INTERVAL)
                            .replace("$job", "masque-.+")
                            .replace("$instance", ".*"));
        }
        return expressions;
    }
}
