package org.masquerelay.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.masquerelay.cli.bench.LoadCommand;
import org.masquerelay.cli.doctor.HostFiles;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/// The command line as a whole.
@Command(
        name = "relay",
        description = "A privacy relay of two hops: tries it, runs it, and tunnels through it.",
        mixinStandardHelpOptions = true,
        scope = ScopeType.INHERIT,
        version = "relay 0.1.0",
        synopsisSubcommandLabel = "COMMAND",
        usageHelpAutoWidth = true)
public final class RelayCommand {
    @Option(
            names = {"-v", "--verbose"},
            scope = ScopeType.INHERIT,
            description = "Log what happens to standard error.")
    private boolean verbose;

    private RelayCommand() {}

    public static void main(String[] arguments) {
        logAsAsked(List.of(arguments));
        int status = commandLine(Console.ofProcess()).execute(arguments);
        System.exit(status);
    }

    /// All commands, reading from and writing to `console`.
    public static CommandLine commandLine(Console console) {
        var all = new RelayCommand();
        var failures = new Failures(console.err(), () -> all.verbose);
        var line =
                new CommandLine(all)
                        .addSubcommand(new DemoCommand(console))
                        .addSubcommand(new UpCommand(console))
                        .addSubcommand(new GetCommand(console))
                        .addSubcommand(new UdpCommand(console))
                        .addSubcommand(new ProxyCommand(console))
                        .addSubcommand(new TokenCommand(console))
                        .addSubcommand(
                                new CommandLine(new IssuerCommand(console))
                                        .addSubcommand(new RotateCommand(console)))
                        .addSubcommand(new PasswordCommand(console, PasswordInput.of(console.in())))
                        .addSubcommand(new ProfileCommand(console))
                        .addSubcommand(new KeysCommand(console))
                        .addSubcommand(new TargetsCommand(console))
                        .addSubcommand(new BenchCommand(console))
                        .addSubcommand(new DoctorCommand(console, new HostFiles(Path.of("/"))))
                        .addSubcommand(new LoadCommand())
                        .addSubcommand(new org.masquerelay.cli.bench.TargetsCommand());
        return line.setOut(new PrintWriter(console.out(), true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(console.err(), true, StandardCharsets.UTF_8))
                .setColorScheme(
                        CommandLine.Help.defaultColorScheme(console.colours() ? Ansi.ON : Ansi.OFF))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler(failures)
                .setExecutionExceptionHandler(failures);
    }

    /// The logger is configured when it is first used, which is before the options are parsed.
    private static void logAsAsked(List<String> arguments) {
        boolean asked = !Collections.disjoint(arguments, Arrays.asList("-v", "--verbose"));
        System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", asked ? "info" : "off");
        System.setProperty("slf4j.internal.verbosity", "ERROR");
    }
}
