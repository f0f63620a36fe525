using System.Globalization;
using System.Text;
using Tarn.Server.Configuration;
using Tarn.Server.Identity;
using Tarn.Server.Telemetry;

namespace Tarn.Server.Hosting;

/// <summary>The text that the server prints once it listens. At the first start it contains the generated secret, and never again.</summary>
internal static partial class Banner
{
    /// <summary>How long the start waits for the reader of standard output.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>Prints the banner. The server serves even if the output cannot be written or nobody reads it.</summary>
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

    public static string Text(ServerOptions options, TarnHost host, RootIdentity root)
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"S3 endpoint   {host.S3Url}   (region {options.Region})");
        if (options.Proxies.External is { } external)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"Clients use   {external}");
        }

        text.AppendLine(CultureInfo.InvariantCulture, $"Control       {host.ControlUrl}");
        if (root.IsNewKey)
        {
            text.AppendLine("Root credentials, shown only once:");
            text.AppendLine(CultureInfo.InvariantCulture, $"  access key  {root.Key.AccessKey}");
            text.AppendLine(CultureInfo.InvariantCulture, $"  secret key  {root.Key.SecretKey}");
        }

        string secret = root.IsNewKey ? root.Key.SecretKey : "…";
        text.AppendLine("Try:");
        text.AppendLine(CultureInfo.InvariantCulture, $"  export AWS_ACCESS_KEY_ID={root.Key.AccessKey} AWS_SECRET_ACCESS_KEY={secret} AWS_DEFAULT_REGION={options.Region}");
        text.AppendLine(CultureInfo.InvariantCulture, $"  aws --endpoint-url {host.S3Url} s3 mb s3://first");
        text.AppendLine(CultureInfo.InvariantCulture, $"  aws --endpoint-url {host.S3Url} s3 cp README.md s3://first/");
        text.AppendLine("Ready.");
        return text.ToString();
    }

    [LoggerMessage(EventIds.BannerNotPrinted, LogLevel.Warning, "The server is ready, but standard output cannot be written: {Reason}")]
    private static partial void LogUnprinted(ILogger logger, string reason);
}
