package org.masquerelay.cli.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;

/// One load generator: a process that [Bench] starts for each case.
@Command(name = LoadArguments.LOAD_COMMAND, hidden = true, description = "Part of bench.")
public final class LoadCommand implements Callable<Integer> {
    @Mixin private LoadArguments arguments = new LoadArguments();

    @Option(names = "--result", required = true)
    private Path result = Path.of("");

    @Override
    public Integer call() throws IOException, InterruptedException {
        var measurement = LoadRun.run(arguments.plan());
        // The file is there as a whole or not at all.
        Path whole = result.resolveSibling(result.getFileName() + ".part");
        Files.writeString(whole, JsonMapper.shared().writeValueAsString(measurement));
        Files.move(whole, result, StandardCopyOption.ATOMIC_MOVE);
        return 0;
    }
}
