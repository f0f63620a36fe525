using System.CommandLine;
using System.Net;

namespace Tarn.Load.Options;

/// <summary>Turns arguments and AWS_* variables into <see cref="LoadOptions"/>.</summary>
internal static class CommandLine
{
    /// <summary>Parses and runs.</summary>
    /// <param name="args">A command and its options.</param>
    /// <param name="environment">Reads an environment variable.</param>
    /// <param name="run">Runs what was asked for and returns the exit code.</param>
    /// <returns>The exit code: that of <paramref name="run"/>, or 0 when help was asked for.</returns>
    /// <exception cref="UsageException">The arguments are not a valid command.</exception>
    public static int Run(IReadOnlyList<string> args, Func<string, string?> environment, Func<LoadOptions, int> run)
    {
        var arguments = new LoadArguments();
        ParseResult result = arguments.Create((command, parsed) => run(Options(command, parsed, arguments, environment))).Parse(args);
        return result.Errors.Count > 0
            ? throw new UsageException(result.Errors[0].Message)
            : result.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
    }

    private static LoadOptions Options(string command, ParseResult result, LoadArguments arguments, Func<string, string?> environment)
    {
        bool raw = command == "raw-get";
        string url = result.GetValue(raw ? arguments.Url : arguments.Endpoint)!;
        (IPEndPoint address, Uri uri) = Resolve(url, result.GetValue(arguments.AllowRemote));
        FileInfo? file = result.GetValue(arguments.File);
        long size = file?.Length ?? Known(result, arguments.Size, 4096);
        if (size > 1 << 30)
        {
            throw new UsageException("bodies are held in memory: at most 1 GiB");
        }

        string accessKey = result.GetValue(arguments.AccessKey) ?? environment("AWS_ACCESS_KEY_ID") ?? "";
        string secretKey = result.GetValue(arguments.SecretKey) ?? environment("AWS_SECRET_ACCESS_KEY") ?? "";
        if (!raw && (accessKey.Length == 0 || secretKey.Length == 0))
        {
            throw new UsageException("no credentials: give --access-key and --secret-key, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY");
        }

        long objects = Known(result, arguments.Objects, 1000);
        if (command == "epoch" && objects > int.MaxValue)
        {
            throw new UsageException("the order of an epoch is held in memory: at most 2147483647 objects");
        }

        long? requests = command is "prepare" or "epoch" ? objects : result.GetValue(arguments.Requests);
        return new LoadOptions
        {
            Command = command,
            Address = address,
            Host = uri.Authority,
            Target = uri.PathAndQuery,
            AccessKey = accessKey,
            SecretKey = secretKey,
            Region = result.GetValue(arguments.Region) ?? environment("AWS_REGION") ?? "us-east-1",
            Bucket = Known(result, arguments.Bucket, "tarn-load"),
            Size = size,
            BodyFile = file?.FullName,
            Concurrency = (int)Known(result, arguments.Concurrency, 8),
            Duration = result.GetValue(arguments.Duration) ?? (requests is null ? TimeSpan.FromSeconds(10) : TimeSpan.FromHours(1)),
            Warmup = command is "prepare" or "delete" or "epoch" ? TimeSpan.Zero : result.GetValue(arguments.Warmup) ?? TimeSpan.Zero,
            Requests = requests ?? long.MaxValue,
            Rate = result.GetValue(arguments.Rate),
            Objects = objects,
            Prefix = result.GetValue(arguments.Prefix) ?? (command == "put" ? "put/" : command == "list" ? "" : "obj/"),
            SignPayload = result.GetValue(arguments.Payload) is { } payload ? payload == "signed" : size <= 1 << 20,
            Verify = result.GetValue(arguments.Verify),
            Delimiter = result.GetValue(arguments.Delimiter) ?? "",
            MaxKeys = (int)Known(result, arguments.MaxKeys, 1000),
            AcceleratorToken = Known(result, arguments.AcceleratorToken, ""),
            Zone = Known(result, arguments.Zone, "default"),
            ServerPids = result.GetValue(arguments.ServerPids) ?? [],
            Json = result.GetValue(arguments.Json),
            Timeout = result.GetValue(arguments.Timeout) ?? TimeSpan.FromMinutes(1),
        };
    }

    /// <summary>The value of an option, or its default if the command does not have the option.</summary>
    private static T Known<T>(ParseResult result, Option<T> option, T otherwise) => result.GetResult(option) is { } found ? found.GetValueOrDefault<T>()! : otherwise;

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
}
