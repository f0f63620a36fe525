using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Tarn.Core.Buckets;
using Tarn.S3.Telemetry;
using Tarn.Server.Control.Tarn;
using Tarn.Server.Requests;
using Tarn.TestKit.Http;
using Tarn.Tests.Control;
using Tarn.Tests.Objects;
using Tarn.Tests.Sharing;

namespace Tarn.Tests.Archives;

/// <summary>Several objects, or files of a disk, as one Zip archive.</summary>
public sealed class ArchiveApiTests : IAsyncLifetime
{
    private const string Policy = """
        {"version":"v1alpha1","name":"rights","statements":[
         {"name":"list","effect":"Allow","actions":["s3:ListBucket"],"resources":["data"],"principals":["alice"]},
         {"name":"read","effect":"Allow","actions":["s3:GetObject"],"resources":["data/*"],"principals":["alice","bob"]},
         {"name":"not","effect":"Deny","actions":["s3:GetObject"],"resources":["data/secret/*"],"principals":["alice","bob"]}]}
        """;

    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, UseCookies = false });
    private SharingServer _server = null!;
    private Signer _acme = null!;
    private Signer _alice = null!;
    private Signer _bob = null!;
    private string _owner = "";
    private Bucket _data = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await SharingServer.StartAsync();
        _acme = await _server.OrganizationAsync("acme");
        _alice = Signer.Of(await _server.DataAsync(_acme, "POST", "/api/organizations/acme/users", """{"name":"alice"}"""));
        _bob = Signer.Of(await _server.DataAsync(_acme, "POST", "/api/organizations/acme/users", """{"name":"bob"}"""));
        await _server.DataAsync(_acme, "PUT", "/api/organizations/acme/policies/rights", Policy);
        _owner = (await _server.DataAsync(_acme, "GET", "/api/organizations/acme")).GetProperty("canonicalId").GetString()!;
        _data = (await _server.Objects.Buckets.CreateAsync(StoreFixture.Name("data"), _owner, "Acme", "us-east-1", Token))!;
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _server.DisposeAsync();
    }

    /// <summary>By a signature, a token, and a page of the console.</summary>
    [Theory]
    [InlineData("signature")]
    [InlineData("token")]
    [InlineData("page")]
    public async Task Who_may_read_objects_gets_them_as_one_archive(string by)
    {
        await PutAsync("photos/2026/a.jpg", "A");
        await PutAsync("photos/2026/b/ü.txt", new string('B', 500_000));
        await PutAsync("photos/2026/b/", "");
        await PutAsync("photos/other", "not asked for");
        await PutAsync("photos/2026/empty", "");
        Signer alice = by switch
        {
            "token" => new Signer(null, (await _server.DataAsync(_acme, "POST", "/api/tokens", """{"name":"t","user":"alice"}""")).GetProperty("token").GetString()!),
            "page" => await _server.SignInAsync(_alice),
            _ => _alice,
        };
        JsonElement made = await PrepareAsync(alice, ["photos/2026/a.jpg", "photos/2026/empty", "photos/2026/a.jpg"], ["photos/2026/b/", "photos/2026/b"]);
        Assert.Equal((4, 500_001, 0), (Number(made, "objects"), Number(made, "bytes"), Number(made, "refusedCount")));
        using HttpResponseMessage answer = await FetchAsync(alice, made);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("application/zip", answer.Content.Headers.ContentType?.ToString());
        Assert.Equal("attachment; filename=\"data.zip\"", answer.Content.Headers.ContentDisposition?.ToString());
        Assert.Equal("sandbox", Assert.Single(answer.Headers.GetValues("Content-Security-Policy")));
        Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
        Assert.Equal("no-store", answer.Headers.CacheControl?.ToString());
        Assert.Equal(
            [("a.jpg", "A"), ("empty", ""), ("b/", ""), ("b/ü.txt", new string('B', 500_000))],
            await ReadAsync(answer));

        // Once.
        Assert.Equal(404, await StatusAsync(alice, made));
    }

    [Fact]
    public async Task What_is_refused_is_said_before()
    {
        await PutAsync("a", "A");
        await PutAsync("secret/a", "S");
        await PutAsync("secret/b", "S");
        JsonElement made = await PrepareAsync(_alice, ["a", "secret/a", "none", new string('k', 1025), ""], ["secret/"]);
        Assert.Equal((1, 1, 5), (Number(made, "objects"), Number(made, "bytes"), Number(made, "refusedCount")));
        Assert.Equal(
            ["secret/a: s3:GetObject is not allowed", "none: The specified key does not exist.", new string('k', 1025) + ": this cannot be a key", ": this cannot be a key", "secret/b: s3:GetObject is not allowed"],
            Refused(made));
        using HttpResponseMessage answer = await FetchAsync(_alice, made);
        Assert.Equal([("a", "A")], await ReadAsync(answer));

        // Bob may not list, so he is not told what is missing, nor what is below a prefix.
        made = await PrepareAsync(_bob, ["a", "none"], [""]);
        Assert.Equal(["none: s3:GetObject is not allowed", ": s3:ListBucket is not allowed"], Refused(made));
        Assert.Equal(1, Number(made, "objects"));

        // Nothing is an archive, too.
        made = await PrepareAsync(_bob, ["secret/a"], []);
        using HttpResponseMessage empty = await FetchAsync(_bob, made);
        Assert.Empty(await ReadAsync(empty));
    }

    /// <summary>As S3 does not: a permission to list some keys does not tell of others.</summary>
    [Fact]
    public async Task That_something_is_missing_is_told_to_who_may_list_it()
    {
        Signer limited = Signer.Of(await _server.DataAsync(_alice, "POST", "/api/keys", """
            {"policy":{"Statement":[
             {"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::data","Condition":{"StringLike":{"s3:prefix":["","own/*"]}}},
             {"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::data/*"}]}}
            """));
        JsonElement made = await PrepareAsync(limited, ["own/none", "other/none"], ["own/", "other/"]);
        Assert.Equal(
            ["own/none: The specified key does not exist.", "other/none: s3:GetObject is not allowed", "other/: s3:ListBucket is not allowed"],
            Refused(made));
    }

    /// <summary>What was decided for an object says nothing of a listing: conditions on a prefix hold for the one and not for the other.</summary>
    [Fact]
    public async Task A_condition_on_prefixes_is_decided_for_each_of_them()
    {
        await PutAsync("a", "A");
        await PutAsync("hidden/a", "S");
        Signer limited = Signer.Of(await _server.DataAsync(_alice, "POST", "/api/keys", """
            {"policy":{"Statement":[
             {"Effect":"Allow","Action":["s3:ListBucket","s3:GetObject"],"Resource":["arn:aws:s3:::data","arn:aws:s3:::data/*"]},
             {"Effect":"Deny","Action":["s3:ListBucket","s3:GetObject"],"Resource":["arn:aws:s3:::data","arn:aws:s3:::data/*"],"Condition":{"StringLike":{"s3:prefix":"hidden/*"}}}]}}
            """));
        JsonElement made = await PrepareAsync(limited, ["a", "none", "hidden/none"], ["", "hidden/"]);
        Assert.Equal(["none: The specified key does not exist.", "hidden/none: s3:GetObject is not allowed", "hidden/: s3:ListBucket is not allowed"], Refused(made));
    }

    /// <summary>Preparing takes its turn before anything is looked up.</summary>
    [Fact]
    public async Task As_many_are_prepared_at_a_time_as_an_organization_may()
    {
        await PutAsync("a", "A");
        PendingArchives pending = _server.Services.GetRequiredService<PendingArchives>();
        PreparedArchive[] turns = [.. Enumerable.Range(0, PendingArchives.MaxPreparedOfOrganization).Select(i => pending.BeginPreparing(new ArchiveOwner(_owner, $"arn-{i}", "", "")))];
        string body = JsonSerializer.Serialize(new { bucket = "data", keys = new[] { "a" } });
        Assert.Contains("being prepared", await _server.RefusalAsync(429, _alice, "POST", "/api/archives", body), StringComparison.Ordinal);
        turns[0].Dispose();
        for (int i = 0; i < 3; i++)
        {
            // Each gives its turn back, whatever comes of it.
            await PrepareAsync(_alice, ["a"], []);
            Assert.Equal(404, (await _server.SendAsync(_alice, "POST", "/api/archives", """{"bucket":"none","keys":["a"]}""")).Status);
        }
    }

    [Fact]
    public async Task Of_what_is_refused_the_first_hundred_are_shown()
    {
        JsonElement made = await PrepareAsync(_alice, [.. Enumerable.Range(0, 150).Select(static i => $"none-{i}")], []);
        Assert.Equal((150, 100), (Number(made, "refusedCount"), Refused(made).Length));
    }

    /// <summary>A right that is taken away counts from the next object on; what has arrived until then is no archive.</summary>
    [Theory]
    [InlineData("right", 0)]
    [InlineData("right", 1)]
    [InlineData("object", 0)]
    [InlineData("object", 1)]
    [InlineData("bucket", 0)]
    [InlineData("key", 1)]
    [InlineData("page", 1)]
    public async Task What_ends_meanwhile_ends_the_archive(string what, int place)
    {
        await PutAsync("0", place == 0 ? "0" : new string('0', 64 << 20));
        await PutAsync("1", "1");
        Signer alice = what == "page" ? await _server.SignInAsync(_alice) : _alice;
        JsonElement made = await PrepareAsync(alice, ["0", "1"], []);
        HttpResponseMessage? begun = place == 0 ? null : await FetchAsync(alice, made);
        switch (what)
        {
            case "right":
                await _server.DataAsync(_acme, "DELETE", "/api/organizations/acme/policies/rights");
                break;
            case "object":
                await DeleteAsync(place.ToString(CultureInfo.InvariantCulture));
                break;
            case "bucket":
                await DeleteAsync("0");
                await DeleteAsync("1");
                await _server.Objects.Buckets.DeleteAsync(_data, Token);
                _data = (await _server.Objects.Buckets.CreateAsync(StoreFixture.Name("data"), _owner, "Acme", "us-east-1", Token))!;
                await PutAsync("0", "other");
                await PutAsync("1", "other");
                break;
            case "key":
                await _server.DataAsync(_acme, "DELETE", "/api/keys/" + _alice.Id);
                break;
            case "page":
                await _server.DataAsync(alice, "DELETE", "/api/session");
                break;
        }

        if (begun is null)
        {
            using HttpResponseMessage refused = await FetchAsync(alice, made);
            Assert.Equal(what == "right" ? 403 : 404, (int)refused.StatusCode);
            Assert.Equal("application/json", refused.Content.Headers.ContentType?.MediaType);
            return;
        }

        using (begun)
        {
            Assert.Equal(HttpStatusCode.OK, begun.StatusCode);
            await Assert.ThrowsAnyAsync<Exception>(() => begun.Content.ReadAsByteArrayAsync(Token));
        }
    }

    /// <summary>As the one above that is whole, so that it is not its length that cuts the others.</summary>
    [Fact]
    public async Task A_long_archive_that_nothing_ends_is_whole()
    {
        await PutAsync("0", new string('0', 64 << 20));
        await PutAsync("1", "1");
        using HttpResponseMessage answer = await FetchAsync(_alice, await PrepareAsync(_alice, ["0", "1"], []));
        Assert.Equal([("0", 64 << 20), ("1", 1)], (await ReadAsync(answer)).Select(static file => (file.Name, file.Content.Length)));
    }

    /// <summary>A right that is taken away while something long is sent does not last as long as that.</summary>
    [Fact]
    public async Task What_ends_in_the_middle_of_an_object_ends_the_archive()
    {
        await PutAsync("0", new string('0', 192 << 20));
        HttpResponseMessage begun = await FetchAsync(_alice, await PrepareAsync(_alice, ["0"], []));
        Assert.Equal(HttpStatusCode.OK, begun.StatusCode);
        await _server.DataAsync(_acme, "DELETE", "/api/organizations/acme/policies/rights");
        using (begun)
        {
            await Assert.ThrowsAnyAsync<Exception>(() => begun.Content.CopyToAsync(Stream.Null, Token));
        }
    }

    /// <summary>As a request of S3 for each, with the requester that it is of.</summary>
    [Fact]
    public async Task Each_object_is_reported_as_a_request_for_it()
    {
        await PutAsync("a", "A");
        await PutAsync("b", "BB");
        Signer page = await _server.SignInAsync(_alice);
        JsonElement made = await PrepareAsync(page, ["a", "b"], []);
        Assert.Empty(Reported());
        using HttpResponseMessage answer = await FetchAsync(page, made);
        Assert.Equal(2, (await ReadAsync(answer)).Count);
        FinishedRequest[] reported = Reported();
        Assert.Equal([("a", 1L), ("b", 2L)], reported.Select(static one => (one.LoggedKey!, one.BytesOut)));
        Assert.All(reported, one => Assert.Equal(("GET", "data", _data.Id, _owner, 200, _alice.Id), (one.Method, one.Bucket, one.BucketId, one.OwnerId, one.Status, one.Principal?.AccessKeyId)));
        Assert.Equal(2, reported.Select(static one => one.RequestId).Distinct().Count());
        JsonElement told = await _server.DataAsync(_acme, "GET", "/api/requests?operation=ArchivedObject");
        Assert.Equal(2, told.GetProperty("requests").GetArrayLength());
    }

    /// <summary>So that the bucket's own log (PutBucketLogging) has it.</summary>
    [Fact]
    public async Task What_is_reported_is_for_the_log_of_the_bucket_where_it_has_one()
    {
        await PutAsync("a", "A");
        using HttpResponseMessage before = await FetchAsync(_alice, await PrepareAsync(_alice, ["a"], []));
        Assert.Single(await ReadAsync(before));
        using RawS3Client s3 = _server.S3(_acme.Id!, _acme.Secret);
        (await s3.SendAsync(HttpMethod.Put, "data", query: new Dictionary<string, string> { ["logging"] = "" }, body: """
            <BucketLoggingStatus xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><LoggingEnabled><TargetBucket>data</TargetBucket><TargetPrefix>logs/</TargetPrefix></LoggingEnabled></BucketLoggingStatus>
            """u8.ToArray())).Expect();
        using HttpResponseMessage after = await FetchAsync(_alice, await PrepareAsync(_alice, ["a"], []));
        Assert.Single(await ReadAsync(after));
        Assert.Equal([false, true], Reported().Select(static one => one.IsLogged));
    }

    [Fact]
    public async Task An_archive_is_fetched_by_who_asked_for_it_with_the_same_session_and_within_minutes()
    {
        await PutAsync("a", "A");
        Signer page = await _server.SignInAsync(_alice), other = await _server.SignInAsync(_alice);
        JsonElement made = await PrepareAsync(page, ["a"], []);
        foreach (Signer stranger in (Signer[])[other, _alice, _bob, _acme, SharingServer.Root])
        {
            Assert.Equal(404, await StatusAsync(stranger, made));
        }

        Assert.Equal(200, await StatusAsync(page, made));
        made = await PrepareAsync(page, ["a"], []);
        _server.Clock.Ahead += PendingArchives.Life;
        Assert.Equal(404, await StatusAsync(page, made));
        Assert.Equal(404, (await _server.SendAsync(_alice, "GET", "/api/archives/none")).Status);
    }

    [Fact]
    public async Task A_requester_has_a_few_archives_at_a_time_of_which_the_oldest_goes()
    {
        await PutAsync("a", "A");
        var made = new List<JsonElement>();
        for (int i = 0; i <= PendingArchives.MaxOfOne; i++)
        {
            made.Add(await PrepareAsync(_alice, ["a"], []));
            _server.Clock.Ahead += TimeSpan.FromSeconds(1);
        }

        Assert.Equal(404, await StatusAsync(_alice, made[0]));
        foreach (JsonElement one in made[1..])
        {
            Assert.Equal(200, await StatusAsync(_alice, one));
        }
    }

    [Fact]
    public async Task An_organization_does_not_take_the_room_of_all()
    {
        await PutAsync("a", "A");
        var users = new List<Signer>();
        for (int i = 0; i < PendingArchives.MaxOfOrganization / PendingArchives.MaxOfOne; i++)
        {
            Signer user = Signer.Of(await _server.DataAsync(_acme, "POST", "/api/organizations/acme/users", $$"""{"name":"user-{{i}}"}"""));
            users.Add(user);
            for (int j = 0; j < PendingArchives.MaxOfOne; j++)
            {
                await PrepareAsync(user, ["a"], []);
            }
        }

        string body = JsonSerializer.Serialize(new { bucket = "data", keys = new[] { "a" } });
        Assert.Equal(429, (await _server.SendAsync(_alice, "POST", "/api/archives", body)).Status);
        Signer other = await _server.OrganizationAsync("globex");
        string id = (await _server.DataAsync(other, "GET", "/api/organizations/globex")).GetProperty("canonicalId").GetString()!;
        Bucket theirs = (await _server.Objects.Buckets.CreateAsync(StoreFixture.Name("theirs"), id, "Globex", "us-east-1", Token))!;
        Assert.Equal("theirs", theirs.Name.Value);
        await _server.DataAsync(other, "POST", "/api/archives", """{"bucket":"theirs","keys":["a"]}""");
        _server.Clock.Ahead += PendingArchives.Life;
        await PrepareAsync(_alice, ["a"], []);
    }

    [Fact]
    public async Task A_requester_fetches_two_at_a_time()
    {
        await PutAsync("a", new string('a', 64 << 20));
        var begun = new List<HttpResponseMessage>();
        for (int i = 0; i < PendingArchives.MaxFetchedOfOne; i++)
        {
            begun.Add(await FetchAsync(_alice, await PrepareAsync(_alice, ["a"], [])));
            Assert.Equal(HttpStatusCode.OK, begun[i].StatusCode);
        }

        JsonElement third = await PrepareAsync(_alice, ["a"], []);
        Assert.Equal(429, await StatusAsync(_alice, third));
        Assert.Single(await ReadAsync(begun[0]));
        while (await StatusAsync(_alice, third) is var status && status != 200)
        {
            // It is released after the answer's last byte.
            Assert.Equal(429, status);
            Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        begun.ForEach(static answer => answer.Dispose());
    }

    public static readonly TheoryData<string, int> Wrong = new()
    {
        { "", 400 }, { "{}", 400 }, { "[]", 400 }, { """{"bucket":"data"}""", 400 }, { """{"bucket":"data","keys":[],"prefixes":[]}""", 400 }, { """{"bucket":"data","keys":"a"}""", 400 }, { """{"bucket":"data","keys":[1]}""", 400 },
        { """{"bucket":"data","keys":[null]}""", 400 }, { """{"bucket":"data","prefixes":[null]}""", 400 }, { """{"bucket":"data","keys":["a"],"more":1}""", 400 }, { """{"bucket":"DATA/..","keys":["a"]}""", 400 },
        { """{"bucket":"","keys":["a"]}""", 400 }, { """{"bucket":"none","keys":["a"]}""", 404 }, { """{"bucket":"dsk-0123456789abcdef","keys":["a"]}""", 403 }, { """{"bucket":"data","keys":["\ud800"]}""", 400 },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task What_makes_no_sense_is_refused(string body, int expected) => Assert.Equal(expected, (await _server.SendAsync(_alice, "POST", "/api/archives", body)).Status);

    [Fact]
    public async Task An_archive_has_ten_thousand_objects_at_most()
    {
        string[] keys = [.. Enumerable.Range(0, ArchiveEndpoints.MaxKeys + 1).Select(static i => i.ToString("D5", CultureInfo.InvariantCulture))];
        await Parallel.ForEachAsync(keys, Token, async (key, _) => await PutAsync("many/" + key, "x"));
        Assert.Contains("10000", await _server.RefusalAsync(400, _alice, "POST", "/api/archives", """{"bucket":"data","prefixes":["many/"]}"""), StringComparison.Ordinal);
        Assert.Equal(400, (await _server.SendAsync(_alice, "POST", "/api/archives", JsonSerializer.Serialize(new { bucket = "data", keys }))).Status);
        await DeleteAsync("many/00000");
        JsonElement made = await PrepareAsync(_alice, [], ["many/"]);
        Assert.Equal(ArchiveEndpoints.MaxKeys, Number(made, "objects"));
        using HttpResponseMessage answer = await FetchAsync(_alice, made);
        Assert.Equal(ArchiveEndpoints.MaxKeys, (await ReadAsync(answer)).Count);
    }

    /// <summary>Unpacked where they are told to, nothing is anywhere else.</summary>
    [Fact]
    public async Task Keys_that_are_paths_to_elsewhere_stay_in_the_archive()
    {
        string[] keys = ["../../evil", "/etc/evil", "C:\\evil", "..\\..\\evil", "a/../../evil", "a", "a/b", "A", "x\0y", "...", "con"];
        foreach (string key in keys)
        {
            await PutAsync(key, key);
        }

        JsonElement made = await PrepareAsync(_alice, keys, []);
        Assert.Equal(keys.Length, Number(made, "objects"));
        using HttpResponseMessage answer = await FetchAsync(_alice, made);
        string directory = Path.Combine(_server.Outside, "unpacked");
        using (var archive = new ZipArchive(new MemoryStream(await answer.Content.ReadAsByteArrayAsync(Token))))
        {
            await archive.ExtractToDirectoryAsync(directory, overwriteFiles: false, Token);
        }

        Assert.Equal(keys.Length, Directory.GetFiles(directory, "*", SearchOption.AllDirectories).Length);
        Assert.Equal([directory], Directory.GetFileSystemEntries(_server.Outside));
    }

    [Fact]
    public async Task The_root_user_of_an_organization_gets_files_of_its_disks()
    {
        _server.Write("dir/a.txt", "A"u8.ToArray());
        _server.Write("dir/sub/b.txt", "B"u8.ToArray());
        _server.Write("c.txt", "C"u8.ToArray());
        string disk = await _server.AttachAsync(_acme);
        string body = JsonSerializer.Serialize(new { bucket = disk, keys = new[] { "c.txt", "none", "dir", "../data" }, prefixes = new[] { "dir/" } });
        foreach (Signer root in (Signer[])[_acme, await _server.SignInAsync(_acme)])
        {
            JsonElement made = await _server.DataAsync(root, "POST", "/api/archives", body);
            Assert.Equal((3, 3, 3), (Number(made, "objects"), Number(made, "bytes"), Number(made, "refusedCount")));
            using HttpResponseMessage answer = await FetchAsync(root, made);
            Assert.Equal($"attachment; filename=\"{disk}.zip\"", answer.Content.Headers.ContentDisposition?.ToString());
            Assert.Equal([("c.txt", "C"), ("dir/a.txt", "A"), ("dir/sub/b.txt", "B")], await ReadAsync(answer));
        }

        Assert.Equal(403, (await _server.SendAsync(_alice, "POST", "/api/archives", body)).Status);
        Assert.Equal(403, (await _server.SendAsync(Signer.Of(await _server.DataAsync(_acme, "POST", "/api/keys", """{"policy":"read-only"}""")), "POST", "/api/archives", body)).Status);
        Assert.Equal(404, (await _server.SendAsync(await _server.OrganizationAsync("globex"), "POST", "/api/archives", body)).Status);
        JsonElement kept = await _server.DataAsync(_acme, "POST", "/api/archives", body);
        await _server.DataAsync(_acme, "PUT", $"/api/disks/{disk}/allowed-ips", """{"allowedIps":["192.0.2.1"]}""");
        Assert.Equal(403, (await _server.SendAsync(_acme, "POST", "/api/archives", body)).Status);
        Assert.Equal(403, await StatusAsync(_acme, kept));
    }

    /// <summary>What was reported of objects in archives, in order.</summary>
    private FinishedRequest[] Reported() => [.. _server.Services.GetRequiredService<RecentRequests>().NewestFirst().Where(static one => one.Operation == "ArchivedObject").Reverse()];

    private static int Number(JsonElement made, string name) => made.GetProperty(name).GetInt32();

    private static string[] Refused(JsonElement made) =>
        [.. made.GetProperty("refused").EnumerateArray().Select(static one => $"{one.GetProperty("key").GetString()}: {one.GetProperty("reason").GetString()}")];

    private static async Task<List<(string Name, string Content)>> ReadAsync(HttpResponseMessage answer)
    {
        using var archive = new ZipArchive(new MemoryStream(await answer.Content.ReadAsByteArrayAsync(Token)));
        var files = new List<(string, string)>();
        foreach (ZipArchiveEntry entry in archive.Entries)
        {
            using var reader = new StreamReader(await entry.OpenAsync(Token), Encoding.UTF8);
            files.Add((entry.FullName, await reader.ReadToEndAsync(Token)));
        }

        return files;
    }

    private Task<JsonElement> PrepareAsync(Signer signer, string[] keys, string[] prefixes) =>
        _server.DataAsync(signer, "POST", "/api/archives", JsonSerializer.Serialize(new { bucket = "data", keys, prefixes }));

    /// <summary>Fetches an archive; its body is read by the caller.</summary>
    private Task<HttpResponseMessage> FetchAsync(Signer signer, JsonElement made)
    {
        var target = new Uri($"{_server.ControlUrl}/api/archives/{made.GetProperty("id").GetString()}");
        var request = new HttpRequestMessage(HttpMethod.Get, target);
        foreach ((string name, string value) in signer.Headers("GET", target, []))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
    }

    private async Task<int> StatusAsync(Signer signer, JsonElement made)
    {
        using HttpResponseMessage answer = await FetchAsync(signer, made);
        return (int)answer.StatusCode;
    }

    private async Task PutAsync(string key, string content) => await _server.Objects.Writer.PutAsync(
        _data, StoreFixture.Key(key), _owner, Core.Model.ObjectMetadata.Empty, new TestBody(Encoding.UTF8.GetBytes(content)), new Core.Objects.Writing.IngestRequest(), Core.Objects.Writing.WriteCondition.None, Token);

    private async Task DeleteAsync(string key) => await _server.Objects.Deleter.DeleteAsync(_data, StoreFixture.Key(key), null, _owner, Core.Objects.Writing.DeleteCondition.None, Token);
}
