using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Tarn.Load.Options;

/// <summary>The commands and options of the program as parsed from the command line, before their combination is validated.</summary>
internal sealed class LoadArguments
{
    public Option<string> Endpoint { get; } = Text("--endpoint", "URL", "Where S3 is: http://, loopback only unless --allow-remote.", "http://127.0.0.1:9000");

    public Option<string> Url { get; } = new("--url") { HelpName = "URL", Description = "The URL to request.", Required = true };

    public Option<bool> AllowRemote { get; } = new("--allow-remote") { Description = "Allow endpoints on other machines." };

    public Option<string?> AccessKey { get; } = new("--access-key") { HelpName = "ID", Description = "The access key id; default: AWS_ACCESS_KEY_ID." };

    public Option<string?> SecretKey { get; } = new("--secret-key") { HelpName = "SECRET", Description = "The secret access key; default: AWS_SECRET_ACCESS_KEY." };

    public Option<string?> Region { get; } = new("--region") { HelpName = "REGION", Description = "The region to sign for; default: AWS_REGION, or us-east-1." };

    public Option<string> Bucket { get; } = Text("--bucket", "NAME", "The bucket.", "tarn-load");

    public Option<string?> Prefix { get; } = new("--prefix") { HelpName = "TEXT", Description = "The prefix of keys; default: obj/, for put put/, for list none." };

    public Option<long> Objects { get; } = Number("--objects", "How many distinct keys there are.", 1000, 1, 1_000_000_000);

    public Option<long> Size { get; } = new("--size")
    {
        HelpName = "SIZE", Description = "Bytes per object: 100, 4KiB, 64MiB.", DefaultValueFactory = _ => 4096, CustomParser = r => Read(r, Units.Bytes),
    };

    public Option<FileInfo> File { get; } = new Option<FileInfo>("--file") { HelpName = "PATH", Description = "Send this file's bytes as every body." }.AcceptExistingOnly();

    public Option<string> Payload { get; } =
        new Option<string>("--payload") { HelpName = "signed|unsigned", Description = "Whether bodies are signed; default: signed up to 1 MiB, unsigned above." }.AcceptOnlyFromAmong("signed", "unsigned");

    public Option<long> Concurrency { get; } = Number("--concurrency", "Connections, each with one request at a time.", 8, 1, 4096);

    public Option<TimeSpan?> Duration { get; } = Time("--duration", "How long to run; default: 10s, or 1h when --requests is given.");

    public Option<long?> Requests { get; } = MaybeNumber("--requests", "Stop after this many requests.", long.MaxValue);

    public Option<long?> Rate { get; } = MaybeNumber("--rate", "Requests per second over all connections; default: as fast as they are answered.", 1_000_000);

    public Option<TimeSpan?> Warmup { get; } = Time("--warmup", "How long to run before measuring.");

    public Option<TimeSpan?> Timeout { get; } = Time("--timeout", "How long one send or receive may take; default: 60s.");

    public Option<string> Delimiter { get; } = Text("--delimiter", "TEXT", "The delimiter of listings.", "");

    public Option<long> MaxKeys { get; } = Number("--max-keys", "Keys on a page of a listing.", 1000, 1, 1000);

    public Option<bool> Verify { get; } = new("--verify") { Description = "Read a sample back and compare." };

    public Option<int[]> ServerPids { get; } = new("--server-pid")
    {
        HelpName = "PID,PID", Description = "Report the CPU and memory of these processes.", DefaultValueFactory = _ => [], CustomParser = r => Read(r, Pids) ?? [],
    };

    public Option<string> AcceleratorToken { get; } = new("--accelerator-token") { HelpName = "TOKEN", Description = "The token of an accelerator.", Required = true };

    public Option<string> Zone { get; } = Text("--zone", "ZONE", "The zone of that token.", "default");

    public Option<bool> Json { get; } = new("--json") { Description = "Print one JSON document." };

    /// <summary>The command line: one command for each workload, each with the options that apply to it.</summary>
    /// <param name="run">Runs a workload, given its name and what was parsed.</param>
    public RootCommand Create(Func<string, ParseResult, int> run)
    {
        Option[] everywhere = [AllowRemote, Concurrency, Duration, Requests, Rate, Warmup, Timeout, ServerPids, Json];
        Option[] s3 = [Endpoint, AccessKey, SecretKey, Region, Bucket, Prefix, .. everywhere];
        Option[] objects = [.. s3, Objects, Size];
        Option[] writes = [.. objects, File, Payload, Verify];
        (string Name, string Description, Option[] Options)[] commands =
        [
            ("prepare", "Create the bucket and put --objects objects.", writes),
            ("get", "Get random objects.", objects),
            ("epoch", "Get each object once, in random order.", objects),
            ("put", "Put objects.", writes),
            ("stat", "Head random objects.", objects),
            ("delete", "Delete each object once.", objects),
            ("list", "List the bucket, page after page.", [.. s3, Delimiter, MaxKeys]),
            ("mixed", "45 % get, 30 % stat, 15 % put, 10 % delete.", [.. objects, File, Payload]),
            ("contend", "One key for all connections: 50 % put, 25 % put of tags, 25 % delete.", [.. s3, Size, File, Payload]),
            ("resolve", "Get the plans of random objects, as an accelerator does, from the address for accelerators.", [.. objects, AcceleratorToken, Zone]),
            ("raw-get", "Get --url, unsigned: for other servers.", [Url, .. everywhere]),
        ];
        var root = new RootCommand("Loads an S3 endpoint and measures it.");
        foreach ((string name, string description, Option[] options) in commands)
        {
            var command = new Command(name, description);
            foreach (Option option in options)
            {
                command.Options.Add(option);
            }

            command.SetAction(result => run(name, result));
            root.Subcommands.Add(command);
        }

        return root;
    }

    private static Option<string> Text(string name, string help, string description, string value) =>
        new(name) { HelpName = help, Description = description, DefaultValueFactory = _ => value };

    private static Option<TimeSpan?> Time(string name, string description) =>
        new(name) { HelpName = "TIME", Description = description, CustomParser = r => Read<TimeSpan?>(r, text => Units.Duration(text)) };

    private static Option<long> Number(string name, string description, long value, long least, long most) => new(name)
    {
        HelpName = "N", Description = description, DefaultValueFactory = _ => value, CustomParser = r => Read(r, text => Number(text, least, most)),
    };

    private static Option<long?> MaybeNumber(string name, string description, long most) =>
        new(name) { HelpName = "N", Description = description, CustomParser = r => Read<long?>(r, text => Number(text, 1, most)) };

    private static int[] Pids(string text) => [.. text.Split(',').Select(pid => (int)Number(pid, 1, int.MaxValue))];

    private static long Number(string text, long least, long most) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long value) && value >= least && value <= most
            ? value
            : throw new UsageException($"'{text}' is not a whole number from {least} to {most}");

    private static T? Read<T>(ArgumentResult result, Func<string, T> read)
    {
        try
        {
            return read(result.Tokens[0].Value);
        }
        catch (UsageException e)
        {
            result.AddError(e.Message);
            return default;
        }
    }
}
