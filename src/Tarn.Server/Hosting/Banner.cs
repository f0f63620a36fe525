using System.Globalization;
using System.Text;
using Tarn.Core.Model;
using Tarn.Server.Configuration;
using Tarn.Server.Identity;
using Tarn.Server.Proxies;
using Tarn.Server.Telemetry;
using Tarn.Server.Web;

namespace Tarn.Server.Hosting;

/// <summary>What the server prints to standard output: the root key, when a start generates it and never again, and how to use the server, once it listens.</summary>
internal static partial class Banner
{
    /// <summary>How long the start waits for the reader of standard output.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>Prints a text. The server serves even if the output cannot be written or nobody reads it.</summary>
    public static void Print(TextWriter output, string text, ILogger logger)
    {
        var thread = new Thread(() =>
        {
            try
            {
                output.Write(text);
                output.Flush();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ObjectDisposedException)
            {
                LogUnprinted(logger, e.Message);
            }
        }) { IsBackground = true, Name = "Banner" };
        thread.Start();
        thread.Join(Patience);
    }

    /// <summary>The generated root key.</summary>
    public static string Credentials(RootKey key)
    {
        var text = new StringBuilder();
        text.AppendLine("Root credentials, shown only once:");
        text.AppendLine(CultureInfo.InvariantCulture, $"  access key  {key.AccessKey}");
        text.AppendLine(CultureInfo.InvariantCulture, $"  secret key  {key.SecretKey}");
        return text.ToString();
    }

    /// <summary>The addresses, and commands to try.</summary>
    public static string Text(ServerOptions options, TarnHost host, RootIdentity root)
    {
        var text = new StringBuilder();
        if (options.UsesDevKey)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"For development: the root key is {root.Key.AccessKey}, {root.Key.SecretKey}, which everyone knows. It listens on loopback; lead no proxy and no tunnel to it.");
        }

        text.AppendLine(CultureInfo.InvariantCulture, $"S3 endpoint   {host.S3Url}   (region {options.Region})");
        if (options.Proxies.External is { } external)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"Clients use   {external}");
        }

        if (host.AcceleratorsUrl is { } accelerators)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"Accelerators  {accelerators}");
        }

        text.AppendLine(CultureInfo.InvariantCulture, $"Control       {host.ControlUrl}");
        string console = host.Services.GetRequiredService<ConsolePage>().IsThere ? host.Services.GetRequiredService<ConsoleOrigins>().Url + "/" : "not in this build";
        text.AppendLine(CultureInfo.InvariantCulture, $"Console       {console}");
        string secret = root.IsNewKey || options.UsesDevKey ? root.Key.SecretKey : "…";
        text.AppendLine("Try:");
        text.AppendLine(CultureInfo.InvariantCulture, $"  export AWS_ACCESS_KEY_ID={root.Key.AccessKey} AWS_SECRET_ACCESS_KEY={secret} AWS_DEFAULT_REGION={options.Region}");
        string bucket = options.CreateBuckets is [BucketName first, ..] ? first.Value : "first";
        if (options.CreateBuckets.Count == 0)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"  aws --endpoint-url {host.S3Url} s3 mb s3://{bucket}");
        }

        text.AppendLine(CultureInfo.InvariantCulture, $"  aws --endpoint-url {host.S3Url} s3 cp README.md s3://{bucket}/");
        text.AppendLine("Ready.");
        return text.ToString();
    }

    [LoggerMessage(EventIds.BannerNotPrinted, LogLevel.Warning, "Standard output cannot be written: {Reason}")]
    private static partial void LogUnprinted(ILogger logger, string reason);
}
