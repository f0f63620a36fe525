using Tarn.Load.Http;
using Tarn.Load.Measure;
using Tarn.Load.Options;
using Tarn.Load.Workloads;

namespace Tarn.Load;

/// <summary>Runs one command from its arguments to its exit code: 0, 1 when a request failed, 2 when it could not be run.</summary>
internal static class LoadCommand
{
    public static int Run(IReadOnlyList<string> args)
    {
        try
        {
            return CommandLine.Run(args, Environment.GetEnvironmentVariable, Run);
        }
        catch (UsageException e)
        {
            Console.Error.WriteLine($"tarn-load: {e.Message}\nRun 'tarn-load --help', or 'tarn-load COMMAND --help', for the options.");
            return 2;
        }
        catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException)
        {
            Console.Error.WriteLine($"tarn-load: {e.Message}");
            return 2;
        }
    }

    private static int Run(LoadOptions options)
    {
        var errors = new ErrorLog();
        var bodies = new Lazy<BodyPool>(() => new BodyPool(options));
        IWorkload workload = options.Command switch
        {
            "get" => new GetWorkload(options),
            "epoch" => new EpochWorkload(options),
            "resolve" => new ResolveWorkload(options),
            "stat" => new StatWorkload(options),
            "list" => new ListWorkload(options),
            "delete" => new DeleteWorkload(),
            "mixed" => new MixedWorkload(options, bodies.Value),
            "contend" => new ContendWorkload(bodies.Value),
            "raw-get" => new RawGetWorkload(),
            _ => new PutWorkload(options, bodies.Value),
        };
        if (options.Command is "put" or "prepare" or "mixed" or "contend")
        {
            CreateBucket(options);
        }

        if (options.Command == "delete")
        {
            options = options with { Requests = Math.Min(options.Requests, options.Objects) };
        }

        var runner = new Runner(options, workload, errors);
        RunResult result = runner.Run();
        long wrong = 0;
        long verified = options.Verify ? Verification.Run(options, bodies.Value, runner.Started, errors, out wrong) : 0;
        result = result with { ErrorMessages = errors.First };
        Console.Out.Write(options.Json ? Report.Json(result, options.Command, verified) + "\n" : Report.Text(result));
        if (options.Verify && !options.Json)
        {
            Console.Out.WriteLine($"verify: {verified} objects read back, {wrong} wrong");
        }

        foreach (string message in errors.First)
        {
            Console.Error.WriteLine(message);
        }

        // Counts the warm-up's failures too: a run whose warm-up failed measured something else.
        return errors.Count > 0 || result.Requests == 0 ? 1 : 0;
    }

    /// <summary>Creates the bucket unless it is there.</summary>
    private static void CreateBucket(LoadOptions options)
    {
        using var client = new S3Client(options, TimeProvider.System);
        Exchange exchange = client.Bucket("PUT", default);
        if (!exchange.IsSuccess && exchange.Status != 409)
        {
            throw new IOException($"cannot create bucket '{options.Bucket}': {exchange.Describe()}");
        }
    }
}
