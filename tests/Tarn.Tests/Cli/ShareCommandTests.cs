using System.Net;
using System.Text.Json;
using Tarn.Server;
using Tarn.Server.Cli;
using Tarn.TestKit.Http;
using Tarn.Tests.Control;
using Tarn.Tests.Sharing;

namespace Tarn.Tests.Cli;

/// <summary><c>tarn share</c> against both listeners over real sockets, in this process.</summary>
public sealed class ShareCommandTests : IAsyncLifetime
{
    private readonly Dictionary<string, string> _variables = [];

    private SharingServer _server = null!;
    private RawS3Client _s3 = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await SharingServer.StartAsync();
        Signer acme = await _server.OrganizationAsync("acme");
        _variables["TARN_ENDPOINT"] = _server.ControlUrl;
        As(acme);
        _s3 = _server.S3(acme.Id!, acme.Secret);
        await _s3.CreateBucketAsync("acmes");
        (await _s3.PutAsync("acmes", "a b/é.txt", "first"u8.ToArray())).Expect();
    }

    public async ValueTask DisposeAsync()
    {
        _s3.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_link_to_an_object_opens_is_listed_and_is_gone_once_revoked()
    {
        JsonElement made = await JsonAsync("share", "create", "acmes", "a b/é.txt", "--expires", "12h");
        Assert.Equal(12 * 3600, made.GetProperty("expiresIn").GetInt32());
        var url = new Uri(Text(made, "url"));
        Assert.Equal((HttpStatusCode.OK, "first"), await UseAsync(url));

        string id = Text(made, "id");
        JsonElement other = await JsonAsync("share", "create", "acmes", "a b/é.txt");
        Assert.Equal(24 * 3600, other.GetProperty("expiresIn").GetInt32());
        Assert.Equal(new[] { id, Text(other, "id") }.Order(), (await ListAsync()).Select(link => Text(link, "id")).Order());
        JsonElement listed = (await ListAsync("--org", "acme", "--bucket", "acmes")).Single(link => Text(link, "id") == id);
        Assert.Equal(("acmes", "a b/é.txt", "arn:aws:iam::acme:root"), (Text(listed, "bucket"), Text(listed, "key"), Text(listed, "createdBy")));
        Assert.False(listed.TryGetProperty("url", out _));
        Assert.Empty(await ListAsync("--bucket", "another"));

        Assert.Equal($"revoked {id}\n", await RunAsync("share", "revoke", id));
        Assert.Equal((HttpStatusCode.Gone, "This link has been revoked.\n"), await UseAsync(url));
        Assert.Equal((HttpStatusCode.OK, "first"), await UseAsync(new Uri(Text(other, "url"))));
        Assert.Equal(Text(other, "id"), Text(Assert.Single(await ListAsync()), "id"));
        Assert.EndsWith(" (404)\n", await FailAsync("share", "revoke", id), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_link_to_a_version_keeps_opening_that_version()
    {
        const string Enabled = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
        (await _s3.SendAsync(HttpMethod.Put, "acmes", null, new Dictionary<string, string> { ["versioning"] = "" }, null, System.Text.Encoding.UTF8.GetBytes(Enabled))).Expect();
        string version = (await _s3.PutAsync("acmes", "a b/é.txt", "second"u8.ToArray())).Expect().Header("x-amz-version-id")!;
        JsonElement made = await JsonAsync("share", "create", "acmes", "a b/é.txt", "--version-id", version);
        JsonElement latest = await JsonAsync("share", "create", "acmes", "a b/é.txt");
        (await _s3.PutAsync("acmes", "a b/é.txt", "third"u8.ToArray())).Expect();
        Assert.Equal((HttpStatusCode.OK, "second"), await UseAsync(new Uri(Text(made, "url"))));
        Assert.Equal((HttpStatusCode.OK, "third"), await UseAsync(new Uri(Text(latest, "url"))));
        JsonElement listed = (await ListAsync()).Single(link => Text(link, "id") == Text(made, "id"));
        Assert.Equal(version, Text(listed, "versionId"));
        string table = await RunAsync("share", "list");
        Assert.StartsWith("ID ", table, StringComparison.Ordinal);
        Assert.Contains(version, table, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_shared_is_said_on_one_line()
    {
        Assert.Equal("tarn: there is no such object (404)\n", await FailAsync("share", "create", "acmes", "nothing"));
        Assert.Equal("tarn: there is no such bucket of this organization (404)\n", await FailAsync("share", "create", "nowhere", "a b/é.txt"));
        Assert.StartsWith("tarn: --expires: '1y' is not a duration", await FailAsync("share", "create", "acmes", "a b/é.txt", "--expires", "1y"), StringComparison.Ordinal);
        Assert.EndsWith(" (400)\n", await FailAsync("share", "create", "acmes", "a b/é.txt", "--expires", "8d"), StringComparison.Ordinal);
        string id = Text(await JsonAsync("share", "create", "acmes", "a b/é.txt"), "id");
        As(await _server.OrganizationAsync("other"));
        Assert.Equal("tarn: there is no such bucket of this organization (404)\n", await FailAsync("share", "create", "acmes", "a b/é.txt"));
        Assert.EndsWith(" (404)\n", await FailAsync("share", "revoke", id), StringComparison.Ordinal);
        Assert.Empty(await ListAsync());
    }

    private void As(Signer who) => (_variables["TARN_ROOT_ACCESS_KEY"], _variables["TARN_ROOT_SECRET_KEY"]) = (who.Id!, who.Secret);

    private async Task<(HttpStatusCode Status, string Content)> UseAsync(Uri url)
    {
        using HttpResponseMessage answer = await _server.UseAsync(url);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(SharingServer.Token));
    }

    private async Task<JsonElement[]> ListAsync(params string[] arguments) => [.. (await JsonAsync(["share", "list", .. arguments])).EnumerateArray()];

    private async Task<JsonElement> JsonAsync(params string[] arguments)
    {
        using JsonDocument document = JsonDocument.Parse(await RunAsync([.. arguments, "--json"]));
        return document.RootElement.Clone();
    }

    private async Task<string> FailAsync(params string[] arguments)
    {
        (int code, string output, string error) = await InvokeAsync(arguments);
        Assert.Equal((ExitCode.Failed, ""), (code, output));
        return error;
    }

    private async Task<string> RunAsync(params string[] arguments)
    {
        (int code, string output, string error) = await InvokeAsync(arguments);
        Assert.True((code, error) == (0, ""), $"{string.Join(' ', arguments)}: {code} {error}");
        return output;
    }

    private async Task<(int Code, string Output, string Error)> InvokeAsync(string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int code = await CommandRunner.RunAsync(TarnCommand.Create(_variables, TimeProvider.System), arguments, output, error);
        return (code, output.ToString(), error.ToString());
    }

    private static string Text(JsonElement element, string member) => element.GetProperty(member).GetString()!;
}
