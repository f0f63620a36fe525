using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Tarn.Core.Buckets;
using Tarn.Core.Identity;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Records;
using Tarn.Server;
using Tarn.Server.Cli;
using Tarn.TestKit.Http;
using Tarn.TestKit.Servers;
using Tarn.Tests.Control;

namespace Tarn.Tests.Cli;

/// <summary>The commands against the control API over real sockets, in this process.</summary>
public sealed class CommandTests : IAsyncLifetime
{
    private readonly Dictionary<string, string> _variables = new()
    {
        ["TARN_ROOT_ACCESS_KEY"] = ControlServer.Root.Id!, ["TARN_ROOT_SECRET_KEY"] = ControlServer.Root.Secret,
    };

    private ControlServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await ControlServer.StartAsync();
        _variables["TARN_ENDPOINT"] = _server.Url;
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task An_organization_is_made_with_the_key_that_it_had_elsewhere()
    {
        string id = new('e', 64);
        JsonElement made = await JsonAsync(
            "org", "create", "acme", "--canonical-id", id, "--display-name", "Acme Inc.", "--email", "s3@acme.example",
            "--access-key", "KEYFROMELSEWHERE1234", "--secret-key", "secret/with+odd=characters/from+elsewhere==");
        Assert.Equal(
            ("acme", id, "Acme Inc.", "s3@acme.example", "KEYFROMELSEWHERE1234", "secret/with+odd=characters/from+elsewhere=="),
            (Text(made, "name"), Text(made, "canonicalId"), Text(made, "displayName"), Text(made, "email"), Text(made, "accessKey"), Text(made, "secretKey")));
        Assert.NotNull(await _server.Credentials.FindAsync("KEYFROMELSEWHERE1234", TestContext.Current.CancellationToken));
        Assert.Equal(["acme", "root"], (await JsonAsync("org", "list")).EnumerateArray().Select(o => Text(o, "name")));
        Assert.Equal("Acme Inc.", Text(await JsonAsync("org", "show", "acme"), "displayName"));
        Assert.Equal("acme", Text(await JsonAsync("org", "delete", "acme"), "deleted"));
        Assert.Equal("tarn: there is no organization 'acme' (404)\n", await FailAsync(1, "org", "show", "acme"));
    }

    [Fact]
    public async Task A_key_is_limited_by_a_named_policy_or_by_one_in_a_file()
    {
        await JsonAsync("org", "create", "acme");
        await JsonAsync("user", "create", "bob", "--org", "acme");
        JsonElement named = await JsonAsync("key", "create", "--org", "acme", "--user", "bob", "--policy", "read-only", "--bucket", "one", "--bucket", "two");
        Assert.Equal("read-only", Text(named, "policyId"));
        Assert.Equal(
            ["arn:aws:s3:::one/*", "arn:aws:s3:::two/*"],
            named.GetProperty("policy").GetProperty("Statement")[1].GetProperty("Resource").EnumerateArray().Select(static resource => resource.GetString()));
        using var directory = new TemporaryDirectory("policy");
        string file = directory.PathOf("policy.json");
        await File.WriteAllTextAsync(file, """{"Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}}""", TestContext.Current.CancellationToken);
        JsonElement own = await JsonAsync("key", "create", "--org", "acme", "--user", "bob", "--policy", file);
        Assert.Equal("custom", Text(own, "policyId"));
        Assert.Equal("custom", Text(await JsonAsync("key", "show", Text(own, "accessKey")!), "policyId"));
        Assert.Contains("read-only", await RunAsync(0, "key", "list", "--org", "acme", "--user", "bob"), StringComparison.Ordinal);
        await File.WriteAllTextAsync(file, "{", TestContext.Current.CancellationToken);
        Assert.Contains("is not JSON", await FailAsync(1, "key", "create", "--policy", file), StringComparison.Ordinal);
        Assert.Contains("cannot be read", await FailAsync(1, "key", "create", "--policy", "read-everything"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_application_is_made_and_shown_with_what_to_paste()
    {
        await JsonAsync("org", "create", "acme");
        JsonElement made = await JsonAsync("app", "create", "photos", "--org", "acme", "--bucket", "acme-photos", "--access", "read-only", "--endpoint-url", "https://s3.example.com");
        Assert.Equal(("photos", "acme-photos", "read-only"), (Text(made, "name"), Text(made, "bucket"), made.GetProperty("policy").GetProperty("Id").GetString()));
        string shown = await RunAsync(0, "app", "create", "music", "--org", "acme");
        foreach (string part in (string[])["bucket        music", "# rclone", "[music]", "force_path_style = true", "# JavaScript", $"RESTIC_REPOSITORY='s3:{_server.S3Url}/music'"])
        {
            Assert.Contains(part, shown, StringComparison.Ordinal);
        }

        Assert.Equal("tarn: the user 'music' of organization 'acme' is taken (409)\n", await FailAsync(1, "app", "create", "music", "--org", "acme"));
    }

    [Fact]
    public async Task Users_keys_and_tokens_live_their_lives()
    {
        await JsonAsync("org", "create", "acme");
        JsonElement bob = await JsonAsync("user", "create", "bob", "--org", "acme", "--group", "dev", "--group", "ops", "--user-id", "uid-7");
        Assert.Equal(("uid-7", "arn:aws:iam::acme:user/bob"), (Text(bob, "userId"), Text(bob, "arn")));
        Assert.Equal(["dev", "ops"], bob.GetProperty("groups").EnumerateArray().Select(g => g.GetString()));
        Assert.Equal(3, (await JsonAsync("user", "add-to-group", "bob", "qa", "--org", "acme")).GetProperty("groups").GetArrayLength());
        Assert.Equal(2, (await JsonAsync("user", "remove-from-group", "bob", "qa", "--org", "acme")).GetProperty("groups").GetArrayLength());
        Assert.Equal("bob", Text(Assert.Single((await JsonAsync("user", "list", "--org", "acme")).EnumerateArray().ToArray()), "name"));

        JsonElement key = await JsonAsync("key", "create", "--org", "acme", "--user", "bob", "--expires", "12h");
        Assert.InRange(key.GetProperty("expires").GetDateTime(), DateTime.UtcNow.AddHours(11), DateTime.UtcNow.AddHours(13));
        string id = Text(key, "accessKey")!;
        Assert.Equal(2, (await JsonAsync("key", "list", "--org", "acme", "--user", "bob")).GetArrayLength());
        Assert.Equal("a-new-secret", Text(await JsonAsync("key", "rotate", id, "--secret-key", "a-new-secret"), "secretKey"));
        Assert.False((await JsonAsync("key", "show", id)).TryGetProperty("secretKey", out _));
        Assert.Equal(id, Text(await JsonAsync("key", "revoke", id), "revoked"));

        JsonElement token = await JsonAsync("token", "create", "ci", "--org", "acme", "--description", "builds");
        _variables["TARN_API_KEY"] = Text(token, "token")!;
        Assert.Equal("acme", Text(Assert.Single((await JsonAsync("org", "list")).EnumerateArray().ToArray()), "name"));
        Assert.Equal("builds", Text(Assert.Single((await JsonAsync("token", "list")).EnumerateArray().ToArray()), "description"));
        Assert.Equal("bob", Text(await JsonAsync("user", "delete", "bob", "--org", "acme"), "deleted"));
        await JsonAsync("token", "delete", Text(token, "id")!);
        Assert.Equal("tarn: the token is not known (401)\n", await FailAsync(1, "org", "list"));
    }

    [Fact]
    public async Task A_bucket_whose_row_is_damaged_is_left_out_of_the_list_which_is_said()
    {
        IKeyValueStore store = _server.Services.GetRequiredService<IKeyValueStore>();
        await _server.Services.GetRequiredService<BucketCatalog>().CreateAsync(BucketName.FromStorage("whole"), "owner", "Owner", "us-east-1", TestContext.Current.CancellationToken);
        await store.CommitAsync(new KeyValueBatch().Put(Tables.BucketKey("broken"), [255]), TestContext.Current.CancellationToken);
        using StringWriter output = new(), error = new();
        Assert.Equal(0, await CommandRunner.RunAsync(TarnCommand.Create(_variables, TimeProvider.System), ["bucket", "list", "--json"], output, error));
        using JsonDocument json = JsonDocument.Parse(output.ToString());
        Assert.Equal("whole", Text(Assert.Single(json.RootElement.EnumerateArray().ToArray()), "name"));
        Assert.StartsWith("tarn: the bucket broken is not listed: The row Bucket broken does not decode: ", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Policies_are_put_from_files()
    {
        const string Document = """{"version":"v1alpha1","name":"all","statements":[{"name":"s","effect":"Allow","actions":["s3:*"],"resources":["*"],"principals":["*"]}]}""";
        using var directory = new TemporaryDirectory();
        await File.WriteAllTextAsync(directory.PathOf("p.json"), $$"""{"policy":{{Document}}}""", TestContext.Current.CancellationToken);
        await JsonAsync("org", "create", "acme");
        await JsonAsync("org", "policy", "put", "acme", directory.PathOf("p.json"));
        Assert.Equal("all", Text(Assert.Single((await JsonAsync("org", "policy", "list", "acme")).EnumerateArray().ToArray()), "name"));
        Assert.Equal("v1alpha1", Text((await JsonAsync("org", "policy", "show", "acme", "all")).GetProperty("policy"), "version"));
        await JsonAsync("org", "policy", "delete", "acme", "all");
        Assert.StartsWith($"tarn: {directory.PathOf("none")}: cannot be read: ", await FailAsync(1, "org", "policy", "put", "acme", directory.PathOf("none")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_denial_is_explained_to_people_and_to_programs()
    {
        using var s3 = new RawS3Client(new TarnEndpoint(new Uri(_server.S3Url), ControlServer.Root.Id!, ControlServer.Root.Secret));
        (await s3.SendAsync(HttpMethod.Put, "data")).Expect();
        const string Policy = """
            {"Version":"2012-10-17","Statement":[{"Sid":"NoSecrets","Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::data/secret/*",
             "Condition":{"NotIpAddress":{"aws:SourceIp":"192.0.2.0/24"},"NumericLessThanIfExists":{"s3:TlsVersion":"1.2"}}}]}
            """;
        (await s3.SendAsync(HttpMethod.Put, "data", null, new Dictionary<string, string> { ["policy"] = "" }, null, Encoding.UTF8.GetBytes(Policy))).Expect();
        string[] ask = ["policy", "explain", "--principal", "root", "--action", "s3:GetObject", "--resource", "data/secret/a"];
        Assert.Equal(
            """
            Denied: Statement "NoSecrets" (number 1) of the bucket policy denies it.
              principal   arn:aws:iam::root:root
              action      s3:GetObject
              resource    arn:aws:s3:::data/secret/a
            Condition keys that policies looked up:
              aws:SourceIp = 198.51.100.1
              s3:TlsVersion = (absent; set it with --context)

            """,
            await RunAsync(0, [.. ask, "--context", "aws:SourceIp=198.51.100.1"]));
        Assert.StartsWith("Allowed: The root user", await RunAsync(0, [.. ask, "--context", "aws:SourceIp=192.0.2.1", "s3:TlsVersion=1.3"]), StringComparison.Ordinal);
        Assert.Equal("NoSecrets", Text(await JsonAsync([.. ask, "--context", "aws:SourceIp=198.51.100.1"]), "statement"));

        using var wrong = new RawS3Client(new TarnEndpoint(new Uri(_server.S3Url), ControlServer.Root.Id!, "wrong"));
        string id = (await wrong.SendAsync(HttpMethod.Get, "data", "key")).Header("x-amz-request-id")!;
        string told = await RunAsync(0, "policy", "explain", "--request-id", id);
        Assert.Contains("The canonical request, as the server built it:\n  GET\n  /data/key\n", told, StringComparison.Ordinal);
        Assert.Contains("The string to sign, as the server built it:\n  AWS4-HMAC-SHA256\n", told, StringComparison.Ordinal);
        Assert.Contains($"The Host header that the server received: {new Uri(_server.S3Url).Authority}\n", told, StringComparison.Ordinal);
        Assert.StartsWith("tarn: there is no denied request 'X'", await FailAsync(1, "policy", "explain", "--request-id", "X"), StringComparison.Ordinal);
        Assert.Equal("tarn: --context: 'nonsense' is not like aws:SourceIp=192.0.2.1\n", await FailAsync(1, [.. ask, "--context", "nonsense"]));
    }

    [Fact]
    public async Task A_policy_that_names_nobody_is_warned_of()
    {
        await JsonAsync("org", "create", "acme");
        await JsonAsync("user", "create", "bob", "--org", "acme");
        using var directory = new TemporaryDirectory();
        string file = directory.PathOf("p.json");
        await File.WriteAllTextAsync(
            file,
            """{"Statement":[{"Effect":"Allow","Principal":{"AWS":["acme","arn:aws:iam::acme:user/bob","arn:aws:iam::acme:user/bub","globex"]},"Action":"s3:GetObject","Resource":"arn:aws:s3:::data/*"}]}""",
            TestContext.Current.CancellationToken);
        const string Warning = "The policy names principals that do not exist: arn:aws:iam::globex:root, arn:aws:iam::acme:user/bub";
        Assert.Equal($"valid {file}\nwarning: {Warning}\n", await RunAsync(0, "policy", "lint", file, "--bucket", "data"));
        JsonElement told = await JsonAsync("policy", "lint", file, "--bucket", "data");
        Assert.Equal(Warning, Assert.Single(told.GetProperty("warnings").EnumerateArray().ToArray()).GetString());

        await File.WriteAllTextAsync(
            file, """{"version":"v1alpha1","name":"p","statements":[{"name":"s","effect":"Allow","actions":["s3:GetObject"],"resources":["*"],"principals":["bob","user/bub"]}]}""",
            TestContext.Current.CancellationToken);
        const string OfUser = "The policy names principals that do not exist: arn:aws:iam::acme:user/bub";
        Assert.Equal($"valid {file}\nwarning: {OfUser}\n", await RunAsync(0, "policy", "lint", file, "--org", "acme"));
        JsonElement put = await JsonAsync("org", "policy", "put", "acme", file);
        Assert.Equal(OfUser, Assert.Single(put.GetProperty("warnings").EnumerateArray().ToArray()).GetString());

        // An unreachable server does not make the policy invalid.
        _variables["TARN_ROOT_SECRET_KEY"] = "not the secret";
        Assert.StartsWith($"valid {file}\nwarning: Whether the principals exist could not be checked: ", await RunAsync(0, "policy", "lint", file, "--org", "acme"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_policy_is_checked_without_a_server()
    {
        _variables.Clear();
        using var directory = new TemporaryDirectory();
        string file = directory.PathOf("p.json");
        await File.WriteAllTextAsync(
            file, """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::data/*"}]}""",
            TestContext.Current.CancellationToken);
        Assert.Equal($"valid {file}\n", await RunAsync(0, "policy", "lint", file, "--bucket", "data"));
        Assert.Equal(file, Text(await JsonAsync("policy", "lint", file, "--bucket", "data"), "valid"));
        string error = await FailAsync(1, "policy", "lint", file, "--bucket", "other");
        Assert.StartsWith($"tarn: {file}: ", error, StringComparison.Ordinal);
        Assert.StartsWith($"tarn: {file}: ", await FailAsync(1, "policy", "lint", file, "--org", "acme"), StringComparison.Ordinal);
        Assert.Equal("tarn: either --bucket or --org is needed\n", await FailAsync(1, "policy", "lint", file));
        Assert.Equal("tarn: --bucket: 'A' is not the name of a bucket\n", await FailAsync(1, "policy", "lint", file, "--bucket", "A"));
    }

    [Fact]
    public async Task Lists_longer_than_a_page_are_whole()
    {
        await JsonAsync("org", "create", "acme");
        for (int i = 0; i < 1005; i++)
        {
            await _server.Identity.Users.CreateAsync("acme", new UserRequest { Name = $"user-{i:d4}" }, TestContext.Current.CancellationToken);
        }

        JsonElement users = await JsonAsync("user", "list", "--org", "acme");
        Assert.Equal(Enumerable.Range(0, 1005).Select(i => $"user-{i:d4}"), users.EnumerateArray().Select(u => Text(u, "name")));
    }

    [Fact]
    public async Task People_read_lines_and_tables()
    {
        string made = await RunAsync(0, "org", "create", "acme");
        Assert.Matches(@"(?m)^name +acme$", made);
        Assert.Matches(@"(?m)^secretKey +[A-Za-z0-9]{40}$", made);
        string[] table = (await RunAsync(0, "org", "list")).Split('\n');
        Assert.StartsWith("NAME  DISPLAY NAME  EMAIL  CANONICAL ID ", table[0], StringComparison.Ordinal);
        Assert.StartsWith("acme  acme ", table[1], StringComparison.Ordinal);
        Assert.Equal("deleted acme\n", await RunAsync(0, "org", "delete", "acme"));
    }

    [Theory]
    [InlineData("tarn: no credentials: set TARN_API_KEY to a token", 1, "org", "list")]
    [InlineData("tarn: --endpoint: 'nonsense' is not like http://127.0.0.1:9001", 1, "org", "list", "--endpoint", "nonsense")]
    [InlineData("tarn: unknown command or argument 'nope' (see tarn org --help)", 2, "org", "nope")]
    [InlineData("tarn: Option '--org' is required. (see tarn user create --help)", 2, "user", "create", "bob")]
    public async Task What_is_wrong_is_one_line_on_standard_error(string start, int code, params string[] arguments)
    {
        _variables.Clear();
        string error = await FailAsync(code, arguments);
        Assert.StartsWith(start, error, StringComparison.Ordinal);
        Assert.Equal(error.Length - 1, error.IndexOf('\n', StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_server_that_is_not_there_and_bad_durations_are_said_clearly()
    {
        Assert.StartsWith("tarn: cannot reach the control address http://127.0.0.1:1: ", await FailAsync(1, "org", "list", "--endpoint", "http://127.0.0.1:1"), StringComparison.Ordinal);
        Assert.Equal("tarn: --expires: '1y' is not a duration such as 90s, 15m, 12h or 30d\n", await FailAsync(1, "key", "create", "--expires", "1y"));
        _variables.Remove("TARN_ROOT_SECRET_KEY");
        Assert.Equal("tarn: TARN_ROOT_ACCESS_KEY and TARN_ROOT_SECRET_KEY must both be set, or neither\n", await FailAsync(1, "org", "list"));
    }

    private async Task<JsonElement> JsonAsync(params string[] arguments)
    {
        using JsonDocument document = JsonDocument.Parse(await RunAsync(0, [.. arguments, "--json"]));
        return document.RootElement.Clone();
    }

    private async Task<string> FailAsync(int code, params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int left = await CommandRunner.RunAsync(TarnCommand.Create(_variables, TimeProvider.System), arguments, output, error);
        Assert.Equal((code, ""), (left, output.ToString()));
        return error.ToString();
    }

    private async Task<string> RunAsync(int code, params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int left = await CommandRunner.RunAsync(TarnCommand.Create(_variables, TimeProvider.System), arguments, output, error);
        Assert.True(left == code, $"{string.Join(' ', arguments)}: {left} {error}");
        Assert.Equal("", error.ToString());
        return output.ToString();
    }

    private static string? Text(JsonElement element, string member) => element.GetProperty(member).GetString();
}
