using System.Globalization;
using System.Text.Json;
using Tarn.Core.Disks;
using Tarn.Core.Disks.Catalog;
using Tarn.Core.Disks.Writing;
using Tarn.Server.Control;
using Tarn.TestKit.Http;
using Tarn.Tests.Sharing;

namespace Tarn.Tests.Control;

/// <summary>Files that are received for long: how many at a time, and what happens to them when the rights of who sends them end.</summary>
public sealed class StreamedBodyTests : IAsyncLifetime
{
    private SharingServer _server = null!;
    private Signer _acme = null!;
    private string _disk = "";
    private string _token = "";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await SharingServer.StartAsync();
        _acme = await _server.OrganizationAsync("acme");
        (_disk, _token) = await DiskAsync(_acme);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Who_waits_for_an_upload_holds_no_place_of_those_whose_bytes_arrive()
    {
        string upload = Text(await _server.DataAsync(_acme, "POST", $"/api/disks/{_disk}/uploads", """{"path":"u"}"""), "uploadId");
        var disks = (DiskStore)_server.Services.GetService(typeof(DiskStore))!;
        Assert.True(DiskId.TryParse(_disk, out DiskId id));
        Disk disk = (await disks.Catalog.FindAsync(id, Token))!;
        var waiting = new List<RawConnection>();
        using (UploadAppend held = (await disks.Uploads.AppendAsync(disk, upload, 0, null, true, static _ => ValueTask.CompletedTask, Token))!)
        {
            for (int i = 0; i < StreamedBodies.MaxOfOrganization; i++)
            {
                waiting.Add(await OpenAsync(_token, $"/api/disks/{_disk}/uploads/{upload}?offset=0"));
            }

            // The first of them has asked for the turn; the others are behind it.
            await Task.Delay(Timeout.Infinite, held.Interrupted).ContinueWith(static _ => { }, TaskScheduler.Default);
            for (int i = 0; i < 2 * StreamedBodies.MaxBodies; i++)
            {
                Assert.Equal(201, await PutAsync(_token, _disk, "f"));
            }
        }

        foreach (RawConnection connection in waiting)
        {
            await connection.DisposeAsync();
        }
    }

    [Fact]
    public async Task One_organization_does_not_take_all_places()
    {
        var open = new List<RawConnection>();
        for (int i = 0; i < StreamedBodies.MaxOfOrganization; i++)
        {
            open.Add(await OpenAsync(_token, $"/api/disks/{_disk}/files?path=f{i}"));
        }

        await UntilAsync(() => Task.FromResult(Staged().Length == open.Count));
        Assert.Equal(429, await PutAsync(_token, _disk, "more"));
        (string disk, string token) = await DiskAsync(await _server.OrganizationAsync("globex"));
        Assert.Equal(201, await PutAsync(token, disk, "f"));
        foreach (RawConnection connection in open)
        {
            await connection.DisposeAsync();
        }

        await UntilAsync(async () => await PutAsync(_token, _disk, "more") == 201);
    }

    [Theory]
    [InlineData("files?path=f")]
    [InlineData("uploads/{upload}?offset=0")]
    public async Task What_is_received_does_not_count_once_the_credentials_are_gone(string path)
    {
        string upload = Text(await _server.DataAsync(_acme, "POST", $"/api/disks/{_disk}/uploads", """{"path":"u"}"""), "uploadId");
        JsonElement made = await _server.DataAsync(_acme, "POST", "/api/tokens", """{"name":"short"}""");
        string target = $"/api/disks/{_disk}/{path.Replace("{upload}", upload, StringComparison.Ordinal)}";
        await using RawConnection connection = await OpenAsync(Text(made, "token"), target);
        await UntilAsync(() => Task.FromResult(Staged().Any(static file => new FileInfo(file) is { Exists: true, Length: 1 })));
        await _server.DataAsync(_acme, "DELETE", "/api/tokens/" + Text(made, "id"));
        await connection.WriteAsync(new string('x', 99));
        Assert.StartsWith("HTTP/1.1 401", await connection.ReadToEndAsync(), StringComparison.Ordinal);
        Assert.Equal(0, (await _server.DataAsync(_acme, "GET", $"/api/disks/{_disk}/uploads/{upload}")).GetProperty("offset").GetInt32());
        await _server.RefusalAsync(404, _acme, "DELETE", $"/api/disks/{_disk}/files?path=f");
    }

    [Theory]
    [InlineData("files?path=f")]
    [InlineData("uploads/{upload}?offset=0")]
    public async Task A_body_that_goes_on_is_not_received_for_long_once_the_credentials_are_gone(string path)
    {
        string upload = Text(await _server.DataAsync(_acme, "POST", $"/api/disks/{_disk}/uploads", """{"path":"u"}"""), "uploadId");
        JsonElement made = await _server.DataAsync(_acme, "POST", "/api/tokens", """{"name":"short"}""");
        string target = $"/api/disks/{_disk}/{path.Replace("{upload}", upload, StringComparison.Ordinal)}";
        await using RawConnection connection = await OpenAsync(Text(made, "token"), target, 1L << 30);
        await UntilAsync(() => Task.FromResult(Staged().Any(static file => new FileInfo(file) is { Exists: true, Length: 1 })));
        await _server.DataAsync(_acme, "DELETE", "/api/tokens/" + Text(made, "id"));
        try
        {
            string part = new('x', 1 << 20);
            for (int i = 0; i < (UploadAppend.KeptEvery >> 20) + 1; i++)
            {
                await connection.WriteAsync(part);
            }
        }
        catch (IOException)
        {
            // The server has ended the connection.
        }

        await UntilAsync(() => Task.FromResult(Staged().All(static file => file.EndsWith(".note", StringComparison.Ordinal) || new FileInfo(file) is { Exists: true, Length: 0 })));
        Assert.Equal(0, (await _server.DataAsync(_acme, "GET", $"/api/disks/{_disk}/uploads/{upload}")).GetProperty("offset").GetInt32());
    }

    [Fact]
    public async Task What_an_upload_received_after_its_credentials_were_gone_is_not_kept_when_the_connection_breaks()
    {
        string upload = Text(await _server.DataAsync(_acme, "POST", $"/api/disks/{_disk}/uploads", """{"path":"u"}"""), "uploadId");
        JsonElement made = await _server.DataAsync(_acme, "POST", "/api/tokens", """{"name":"short"}""");
        string target = $"/api/disks/{_disk}/uploads/{upload}?offset=0";
        await using (RawConnection connection = await OpenAsync(Text(made, "token"), target))
        {
            await UntilAsync(() => Task.FromResult(Staged().Any(static file => new FileInfo(file) is { Exists: true, Length: 1 })));
            await _server.DataAsync(_acme, "DELETE", "/api/tokens/" + Text(made, "id"));
        }

        // A newcomer waits for the end of the one before it.
        Assert.Equal(200, await PutAtAsync(_token, target));
        Assert.Equal(1, (await _server.DataAsync(_acme, "GET", $"/api/disks/{_disk}/uploads/{upload}")).GetProperty("offset").GetInt32());
    }

    [Fact]
    public async Task What_has_no_room_says_of_which_disk()
    {
        string refusal = await _server.RefusalAsync(507, _acme, "POST", $"/api/disks/{_disk}/uploads", $$"""{"path":"u","length":{{1L << 60}}}""");
        Assert.Contains(_disk, refusal, StringComparison.Ordinal);
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        // The server notices by itself what the test did; nothing tells the test.
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!await holds())
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Delay(5, Token);
        }
    }

    /// <summary>A disk that can be written to, and a token of its organization's root user.</summary>
    private async Task<(string Disk, string Token)> DiskAsync(Signer root) => (
        Text(await _server.DataAsync(root, "POST", "/api/disks", """{"name":"made"}"""), "diskId"), Text(await _server.DataAsync(root, "POST", "/api/tokens", """{"name":"t"}"""), "token"));

    private Task<int> PutAsync(string token, string disk, string path) => PutAtAsync(token, $"/api/disks/{disk}/files?replace=true&path={path}");

    private async Task<int> PutAtAsync(string token, string target)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, _server.ControlUrl + target) { Content = new ByteArrayContent([1]) };
        request.Headers.TryAddWithoutValidation("Authorization", token);
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using HttpResponseMessage answer = await http.SendAsync(request, Token);
        return (int)answer.StatusCode;
    }

    /// <summary>Begins to send a body, and sends the first byte.</summary>
    private async Task<RawConnection> OpenAsync(string token, string target, long length = 100)
    {
        RawConnection connection = await RawConnection.OpenAsync(new Uri(_server.ControlUrl));
        await connection.WriteAsync(string.Create(
            CultureInfo.InvariantCulture, $"PUT {target} HTTP/1.1\r\nHost: x\r\nAuthorization: {token}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\nx"));
        return connection;
    }

    /// <summary>The files that are being written to the disk.</summary>
    private string[] Staged()
    {
        var disks = (DiskStore)_server.Services.GetService(typeof(DiskStore))!;
        Assert.True(DiskId.TryParse(_disk, out DiskId id));
        string staging = Path.Combine(disks.Catalog.FindAsync(id, Token).AsTask().GetAwaiter().GetResult()!.RootPath, ".tarn-uploads");
        return Directory.Exists(staging) ? Directory.GetFiles(staging, "*", SearchOption.AllDirectories) : [];
    }
}
