using System.Net;
using System.Text.Json;

namespace Tarn.Server.Cli;

/// <summary>Where the S3 endpoint of a server is.</summary>
internal static class S3Endpoint
{
    private static readonly string[] Variables = ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"];

    /// <summary>The URL that was given; or else, of a server that was named, what it says; or else that of the environment; or else what the usual server says.</summary>
    /// <param name="flag">The value of <c>--s3-endpoint</c>.</param>
    /// <param name="variable">Reads an environment variable.</param>
    /// <param name="control">The control address.</param>
    /// <param name="isNamed">Whether <c>--endpoint</c> names it: then it is that server which is meant, whatever the environment says of S3.</param>
    /// <param name="open">Opens a client of the control address.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="CliException">What was given is no URL, or nothing was and the server does not say, or says what is not to be followed unseen.</exception>
    public static async Task<Uri> FindAsync(
        string? flag, Func<string, string?> variable, Uri control, bool isNamed, Func<Uri, ControlClient> open, CancellationToken cancellationToken)
    {
        if ((flag is not null || !isNamed) && Given(flag, variable) is { } given)
        {
            return given;
        }

        using ControlClient client = open(control);
        JsonElement status;
        try
        {
            status = await client.SendAsync(HttpMethod.Get, "/api/status", cancellationToken);
        }
        catch (CliException e)
        {
            throw new CliException($"where S3 is is not known: name its URL with --s3-endpoint{(isNamed ? "" : " or AWS_ENDPOINT_URL")} (the server was asked: {e.Message})", e);
        }

        return Told(control, status.ValueKind == JsonValueKind.Object && status.TryGetProperty("s3", out JsonElement told) && told.ValueKind == JsonValueKind.String ? told.GetString()! : "");
    }

    /// <summary>The URL that was given, or else that of the environment; null without one.</summary>
    /// <param name="flag">The value of <c>--s3-endpoint</c>.</param>
    /// <param name="variable">Reads an environment variable.</param>
    /// <exception cref="CliException">What was given is no URL.</exception>
    public static Uri? Given(string? flag, Func<string, string?> variable) =>
        flag is not null ? Parse("--s3-endpoint", flag)
        : Array.Find(Variables, name => !string.IsNullOrEmpty(variable(name))) is { } set ? Parse(set, variable(set)!)
        : null;

    /// <summary>The URL that a server says, unless signed changes could go to another server or be read on the way.</summary>
    /// <param name="control">The address at which it was asked.</param>
    /// <param name="text">What it says.</param>
    /// <exception cref="CliException">It is no URL, or one that <c>--s3-endpoint</c> has to confirm.</exception>
    public static Uri Told(Uri control, string text)
    {
        var url = new UriBuilder(Parse("the server says where S3 is", text));
        if (IPAddress.TryParse(url.Host.Trim('[', ']'), out IPAddress? address) && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any)))
        {
            // It listens on all addresses: also on the one at which it was asked.
            url.Host = control.Host;
        }

        Uri told = url.Uri;
        string? reason = control.Scheme == Uri.UriSchemeHttps && told.Scheme != Uri.UriSchemeHttps ? "which is not encrypted as its control address is"
            : told.IsLoopback && !control.IsLoopback ? "which is this machine, and the server is another one"
            : !told.Host.Equals(control.Host, StringComparison.OrdinalIgnoreCase) && !(told.IsLoopback && control.IsLoopback) ? $"and it was asked at {control.Host}"
            : null;
        return reason is null ? told : throw new CliException($"the server says that S3 is at {told.AbsoluteUri.TrimEnd('/')}, {reason}: if that is right, say so with --s3-endpoint {told.AbsoluteUri.TrimEnd('/')}");
    }

    private static Uri Parse(string label, string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out Uri? url) && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps) && url.Query.Length == 0 && url.UserInfo.Length == 0
            ? url
            : throw new CliException($"{label}: '{text}' is not like http://127.0.0.1:9000");
}
