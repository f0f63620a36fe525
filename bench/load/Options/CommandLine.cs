using System.Globalization;
using System.Net;

namespace Tarn.Load.Options;

/// <summary>Turns arguments and AWS_* variables into <see cref="LoadOptions"/>, or says what is wrong with them.</summary>
internal static class CommandLine
{
    public const string Usage = """
        usage: tarn-load COMMAND [options]

        commands
          prepare   create the bucket and write --objects objects
          get put stat delete list
          mixed     45 % get, 30 % stat, 15 % put, 10 % delete
          raw-get   plain GETs of --url, unsigned (for other servers)

        options
          --endpoint URL         http://127.0.0.1:9000; loopback only, unless --allow-remote
          --access-key, --secret-key, --region    else AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION
          --bucket NAME          tarn-load
          --prefix TEXT          obj/ (put: put/)
          --objects N            how many distinct keys: 1000
          --size SIZE            4KiB
          --file PATH            send this file's bytes as every body
          --payload signed|unsigned    signed up to 1 MiB, unsigned above
          --concurrency N        8
          --duration TIME        10s; 1h when --requests is given
          --requests N           stop after so many
          --rate N               requests per second of all connections together; else as fast as they are answered
          --warmup TIME          0s
          --timeout TIME         60s per send or receive
          --delimiter TEXT, --max-keys N    for list
          --verify               put, prepare: read a sample back and compare
          --server-pid PID,PID   report those processes' CPU and memory
          --json                 one JSON document
        """;

    private static readonly string[] Commands = ["prepare", "get", "put", "list", "stat", "delete", "mixed", "raw-get"];
    private static readonly string[] Switches = ["--verify", "--json", "--allow-remote"];

    private static readonly string[] Valued =
    [
        "--endpoint", "--url", "--access-key", "--secret-key", "--region", "--bucket", "--prefix", "--objects", "--size", "--file", "--payload",
        "--concurrency", "--duration", "--requests", "--rate", "--warmup", "--timeout", "--delimiter", "--max-keys", "--server-pid",
    ];

    /// <exception cref="UsageException">The arguments make no runnable command.</exception>
    public static LoadOptions Parse(IReadOnlyList<string> args, Func<string, string?> environment)
    {
        if (args.Count == 0 || !Commands.Contains(args[0]))
        {
            throw new UsageException(args.Count == 0 ? "no command" : $"unknown command '{args[0]}'");
        }

        string command = args[0];
        Dictionary<string, string> given = Collect(args);
        string? Get(string name, string? variable = null) => given.GetValueOrDefault(name) ?? (variable is null ? null : environment(variable));

        bool raw = command == "raw-get";
        string url = (raw ? Get("--url") : Get("--endpoint")) ?? (raw ? throw new UsageException("raw-get needs --url") : "http://127.0.0.1:9000");
        (IPEndPoint address, Uri uri) = Resolve(url, given.ContainsKey("--allow-remote"));
        bool writes = command is "prepare" or "put";
        string? file = Get("--file");
        long size = file is null ? Units.Bytes(Get("--size") ?? "4KiB") : new FileInfo(file).Length;
        if (size > 1 << 30)
        {
            throw new UsageException("bodies are held in memory: at most 1 GiB");
        }

        string accessKey = Get("--access-key", "AWS_ACCESS_KEY_ID") ?? "";
        string secretKey = Get("--secret-key", "AWS_SECRET_ACCESS_KEY") ?? "";
        if (!raw && (accessKey.Length == 0 || secretKey.Length == 0))
        {
            throw new UsageException("no credentials: give --access-key and --secret-key, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY");
        }

        long objects = Number(Get("--objects") ?? "1000", 1, 1_000_000_000);
        long? requests = command == "prepare" ? objects : Get("--requests") is { } n ? Number(n, 1, long.MaxValue) : null;
        return new LoadOptions
        {
            Command = command,
            Address = address,
            Host = uri.Authority,
            Target = uri.PathAndQuery,
            AccessKey = accessKey,
            SecretKey = secretKey,
            Region = Get("--region", "AWS_REGION") ?? "us-east-1",
            Bucket = Get("--bucket") ?? "tarn-load",
            Size = size,
            BodyFile = file,
            Concurrency = (int)Number(Get("--concurrency") ?? "8", 1, 4096),
            Duration = Units.Duration(Get("--duration") ?? (requests is null ? "10s" : "60m")),
            Warmup = command is "prepare" or "delete" ? TimeSpan.Zero : Units.Duration(Get("--warmup") ?? "0s"),
            Requests = requests ?? long.MaxValue,
            Rate = Get("--rate") is { } rate ? Number(rate, 1, 1_000_000) : null,
            Objects = objects,
            Prefix = Get("--prefix") ?? (command == "put" ? "put/" : command == "list" ? "" : "obj/"),
            SignPayload = Get("--payload") switch
            {
                null => size <= 1 << 20,
                "signed" => true,
                "unsigned" => false,
                _ => throw new UsageException("--payload is signed or unsigned"),
            },
            Verify = given.ContainsKey("--verify") && (writes ? true : throw new UsageException("--verify goes with put and prepare")),
            Delimiter = Get("--delimiter") ?? "",
            MaxKeys = (int)Number(Get("--max-keys") ?? "1000", 1, 1000),
            ServerPids = [.. (Get("--server-pid") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries).Select(p => (int)Number(p, 1, int.MaxValue))],
            Json = given.ContainsKey("--json"),
            Timeout = Units.Duration(Get("--timeout") ?? "60s"),
        };
    }

    private static Dictionary<string, string> Collect(IReadOnlyList<string> args)
    {
        var given = new Dictionary<string, string>(StringComparer.Ordinal);
        for (int i = 1; i < args.Count; i++)
        {
            string name = args[i];
            if (Switches.Contains(name))
            {
                given[name] = "";
            }
            else if (!Valued.Contains(name))
            {
                throw new UsageException($"unknown option '{name}'");
            }
            else
            {
                given[name] = ++i < args.Count ? args[i] : throw new UsageException($"{name} needs a value");
            }
        }

        return given;
    }

    private static (IPEndPoint Address, Uri Uri) Resolve(string url, bool allowRemote)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out Uri? uri) || uri.Scheme != Uri.UriSchemeHttp)
        {
            throw new UsageException($"'{url}' is not an http:// address");
        }

        IPAddress ip = IPAddress.TryParse(uri.Host.Trim('[', ']'), out IPAddress? literal) ? literal
            : uri.Host == "localhost" ? IPAddress.Loopback
            : allowRemote ? Dns.GetHostAddresses(uri.Host)[0]
            : throw new UsageException($"'{uri.Host}' is not a loopback address; a load test of another machine needs --allow-remote");
        return IPAddress.IsLoopback(ip) || allowRemote
            ? (new IPEndPoint(ip, uri.Port), uri)
            : throw new UsageException($"'{ip}' is not a loopback address; a load test of another machine needs --allow-remote");
    }

    private static long Number(string text, long least, long most) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long value) && value >= least && value <= most
            ? value
            : throw new UsageException($"'{text}' is not a whole number from {least} to {most}");
}
