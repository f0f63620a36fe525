using System.Globalization;
using System.Net;
using System.Security;
using System.Text;

namespace Tarn.Clients.Harness;

/// <summary>One entry of a list of versions.</summary>
/// <param name="Kind"><c>Version</c> or <c>DeleteMarker</c>.</param>
/// <param name="Key">As the document has it.</param>
/// <param name="Id">The version id, which is also the content.</param>
/// <param name="Second">When it came to be.</param>
/// <param name="IsLatest">Whether it is the key's current one.</param>
internal sealed record ListedVersion(string Kind, string Key, string Id, int Second, bool IsLatest);

/// <summary>Answers as a server that lists versions in an order of its own: what a copy reads of a bucket, for any signature.</summary>
internal sealed class ListingServer : IAsyncDisposable
{
    private readonly HttpListener _listener = new();
    private readonly Task _answering;

    /// <summary>Starts it.</summary>
    /// <param name="pages">The entries of each page of the list.</param>
    /// <param name="isEncoded">Whether the answers say that keys are encoded.</param>
    /// <param name="settings">The documents of the bucket's settings, by the names in the query.</param>
    public ListingServer(IReadOnlyList<ListedVersion[]> pages, bool isEncoded = true, IReadOnlyDictionary<string, string>? settings = null)
    {
        Address = $"http://127.0.0.1:{TestKit.Servers.FreePort.Next()}";
        _listener.Prefixes.Add(Address + "/");
        _listener.Start();
        _answering = Task.Run(async () =>
        {
            while (await AcceptedAsync() is { } context)
            {
                byte[] body = Encoding.UTF8.GetBytes(Answer(context, pages, isEncoded, settings ?? new Dictionary<string, string>()));
                await context.Response.OutputStream.WriteAsync(body);
                context.Response.Close();
            }
        });
    }

    /// <summary>Its address.</summary>
    public string Address { get; }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _answering;
        _listener.Close();
    }

    private static string Answer(HttpListenerContext context, IReadOnlyList<ListedVersion[]> pages, bool isEncoded, IReadOnlyDictionary<string, string> settings)
    {
        Dictionary<string, string> query = context.Request.Url!.Query.TrimStart('?').Split('&').Select(pair => pair.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[^1]);
        if (query.TryGetValue("versionId", out string? id))
        {
            return id;
        }

        if (query.ContainsKey("versions"))
        {
            return Page(pages, query.TryGetValue("version-id-marker", out string? at) ? int.Parse(at, CultureInfo.InvariantCulture) : 0, isEncoded);
        }

        if (query.ContainsKey("versioning"))
        {
            return "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
        }

        if (settings.FirstOrDefault(setting => query.ContainsKey(setting.Key)).Value is { } document)
        {
            return document;
        }

        context.Response.StatusCode = (int)HttpStatusCode.NotFound;
        return "<Error><Code>NotSet</Code></Error>";
    }

    private static string Page(IReadOnlyList<ListedVersion[]> pages, int at, bool isEncoded)
    {
        IEnumerable<string> entries = pages[at].Select(entry =>
            $"<{entry.Kind}><Key>{SecurityElement.Escape(entry.Key)}</Key><VersionId>{entry.Id}</VersionId><IsLatest>{(entry.IsLatest ? "true" : "false")}</IsLatest>"
            + $"<LastModified>2026-01-01T00:00:{entry.Second:00}.000Z</LastModified></{entry.Kind}>");
        string next = at + 1 < pages.Count
            ? $"<IsTruncated>true</IsTruncated><NextKeyMarker>{SecurityElement.Escape(pages[at][^1].Key)}</NextKeyMarker><NextVersionIdMarker>{at + 1}</NextVersionIdMarker>"
            : "<IsTruncated>false</IsTruncated>";
        return $"<ListVersionsResult>{(isEncoded ? "<EncodingType>url</EncodingType>" : "")}{next}{string.Concat(entries)}</ListVersionsResult>";
    }

    private async Task<HttpListenerContext?> AcceptedAsync()
    {
        try
        {
            return await _listener.GetContextAsync();
        }
        catch (Exception error) when (error is HttpListenerException or ObjectDisposedException)
        {
            return null; // stopped
        }
    }
}
