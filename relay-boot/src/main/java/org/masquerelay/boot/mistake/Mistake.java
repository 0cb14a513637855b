package org.masquerelay.boot.mistake;

/// One thing that is wrong with the settings.
///
/// @param sentence what
/// @param remedy what to do, as a sentence
record Mistake(String sentence, String remedy) {}
