package org.masquerelay.cli;

import java.util.Map;
import java.util.Stack;
import picocli.CommandLine.IParameterPreprocessor;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/// For an option whose value may be left out: only what is attached to it, as in `--name=value`, is
/// its value. What follows after a blank is the command's.
final class Attached implements IParameterPreprocessor {
    @Override
    @SuppressWarnings("JdkObsolete") // The type is picocli's.
    public boolean preprocess(
            Stack<String> arguments,
            CommandSpec command,
            ArgSpec option,
            Map<String, Object> state) {
        if (" ".equals(state.get("separator")) && option instanceof OptionSpec spec) {
            arguments.push(spec.fallbackValue());
        }
        return false;
    }
}
