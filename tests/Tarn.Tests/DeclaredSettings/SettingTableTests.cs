using Tarn.Core.Errors;
using Tarn.S3.Operations;
using Tarn.S3.Operations.Settings;
using Tarn.S3.Routing;
using Tarn.TestKit.Http;
using Tarn.Tests.Access;
using Tarn.Tests.Disks;

namespace Tarn.Tests.DeclaredSettings;

/// <summary>
/// Every declared bucket setting, tested for everything that all have in common. Source: Amazon S3 API Reference, the actions of each.
/// </summary>
public sealed class SettingTableTests
{
    private const string Other = "<OtherConfiguration/>";

    /// <summary>The requests about a setting, as <c>METHOD subresource</c>; those by id ask for the id <c>x</c>.</summary>
    public static TheoryData<string> Requests => [.. OfBuckets.SelectMany(setting => setting.Requests.Select(request => Target(setting, request)))];

    public static TheoryData<string> Names => [.. SettingCases.All.Keys];

    private static IEnumerable<SettingDeclaration> OfBuckets => BucketSettings.All.Where(setting => setting.Target == S3Target.Bucket);

    [Fact]
    public void Each_declared_setting_has_a_case() =>
        Assert.Equal(BucketSettings.Set.Select(setting => setting.Subresource).Order(), SettingCases.All.Keys.Order());

    [Fact]
    public void Each_declaration_is_in_the_table_of_operations_once()
    {
        Assert.Distinct(BucketSettings.All.Select(setting => $"{setting.Target} {setting.Subresource}"));
        Assert.All(BucketSettings.All.SelectMany(setting => setting.Requests), request => Assert.Single(OperationTable.Rows, row => row.Name == request.Name));
    }

    [Fact]
    public void Each_declaration_says_what_an_unset_one_answers() => Assert.All(
        BucketSettings.All,
        setting => Assert.True(setting.NotSet is not null || setting.Unset is not null || setting.Subresource == "acl", setting.Subresource));

    [Theory]
    [MemberData(nameof(Names))]
    public async Task It_is_put_read_replaced_and_deleted(string name)
    {
        SettingCase known = SettingCases.All[name];
        await using AccessHost host = await StartAsync(name);
        await AssertAbsentAsync(host, name, known);

        await PutAsync(host, name, known, known.First);
        Assert.Contains(known.Shown, (await host.OkAsync("a", $"GET bucket?{name}")).Text, StringComparison.Ordinal);
        await PutAsync(host, name, known, known.Second);
        string shown = (await host.OkAsync("a", $"GET bucket?{name}")).Text;
        Assert.Contains(known.ThenShown, shown, StringComparison.Ordinal);
        Assert.DoesNotContain(known.Shown, shown, StringComparison.Ordinal);

        if (OperationTable.Rows.Any(row => row.Method == "DELETE" && row.Target == S3Target.Bucket && row.Query is [var query] && query == name))
        {
            Assert.Equal(204, (int)(await host.OkAsync("a", $"DELETE bucket?{name}")).Status);
            await AssertAbsentAsync(host, name, known);
            Assert.Equal(204, (int)(await host.OkAsync("a", $"DELETE bucket?{name}")).Status);
        }
        else
        {
            await host.RefusedAsync("MethodNotAllowed", "a", $"DELETE bucket?{name}");
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task What_is_refused_leaves_it_as_it_is(string name)
    {
        SettingCase known = SettingCases.All[name];
        await using AccessHost host = await StartAsync(name);
        await PutAsync(host, name, known, known.First);
        string before = (await host.OkAsync("a", $"GET bucket?{name}")).Text;

        string put = $"PUT bucket?{name}";
        await host.RefusedAsync(known.Malformed, "a", put, Other, Digest(Other));
        await host.RefusedAsync(known.Malformed, "a", put, known.Second[..^1], Digest(known.Second[..^1]));
        await host.RefusedAsync(known.Empty, "a", put, "", Digest(""));
        string oversized = known.Second + new string(' ', 9 * 1024 * 1024);
        await host.RefusedAsync("MaxMessageLengthExceeded", "a", put, oversized, Digest(oversized));
        await host.RefusedAsync("BadDigest", "a", put, known.Second, Digest(known.First));
        await host.RefusedAsync("NotImplemented", "a", put, known.Second, Digest(known.Second), "x-amz-mfa: 1 2");
        if (known.NeedsDigest)
        {
            await host.RefusedAsync("InvalidRequest", "a", put, known.Second);
        }

        Assert.Equal(before, (await host.OkAsync("a", $"GET bucket?{name}")).Text);
        if (!known.NeedsDigest)
        {
            await host.OkAsync("a", put, known.Second);
        }
    }

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task Only_the_owner_of_a_bucket_that_exists_is_answered(string what)
    {
        await using AccessHost host = await StartAsync(NameOf(what));
        (string? body, string[] headers) = BodyOf(what);
        await host.RefusedAsync("NoSuchBucket", "a", what.Replace("bucket", "missing", StringComparison.Ordinal), body, headers);
        await host.RefusedAsync("AccessDenied", null, what, body, headers);
        await host.RefusedAsync("AccessDenied", "a", what, body, [.. headers, $"x-amz-expected-bucket-owner: {TestIdentity.IdOf("b")}"]);

        RawS3Response answer = await host.SendAsync("a", what, body, [.. headers, $"x-amz-expected-bucket-owner: {TestIdentity.IdOf("a")}"]);
        Assert.NotEqual("AccessDenied", answer.ErrorCode);
    }

    [Fact]
    public async Task A_disk_answers_that_none_is_set_and_takes_none()
    {
        await using DiskServer server = await DiskServer.StartAsync();
        foreach (SettingDeclaration setting in OfBuckets)
        {
            foreach (SettingRequest request in setting.Requests)
            {
                string what = Target(setting, request);
                (string? body, string[] headers) = BodyOf(what);
                RawS3Response answer = await server.Client.SendAsync(
                    new HttpMethod(request.Method),
                    server.Bucket,
                    query: what.Split('?')[1].Split('&').Select(pair => pair.Split('=')).ToDictionary(pair => pair[0], pair => pair.Length > 1 ? pair[1] : ""),
                    headers: headers.Select(header => header.Split(": ")).ToDictionary(pair => pair[0], pair => pair[1]),
                    body: body is null ? null : System.Text.Encoding.UTF8.GetBytes(body));
                S3Error? error = request.Method != "GET" ? S3Error.MethodNotAllowed : request.ById || setting.Unset is null ? setting.NotSet : null;
                Assert.True(answer.ErrorCode == error?.Code, $"{what}: {(int)answer.Status} {answer.Text}");
            }
        }
    }

    private static async Task<AccessHost> StartAsync(string name)
    {
        AccessHost host = await AccessHost.StartAsync();
        await host.OkAsync("a", "PUT bucket", "", "x-amz-object-ownership: ObjectWriter");
        if (name == "ownershipControls")
        {
            await host.OkAsync("a", "DELETE bucket?ownershipControls");
        }

        return host;
    }

    private static async Task PutAsync(AccessHost host, string name, SettingCase known, string document)
    {
        RawS3Response answer = await host.OkAsync("a", $"PUT bucket?{name}", document, Digest(document));
        Assert.Equal(known.PutStatus, (int)answer.Status);
        Assert.Empty(answer.Body);
    }

    private static async Task AssertAbsentAsync(AccessHost host, string name, SettingCase known)
    {
        RawS3Response answer = await host.SendAsync("a", $"GET bucket?{name}");
        Assert.Equal(known.Absent, answer.ErrorCode ?? answer.Xml.Name.LocalName);
        Assert.DoesNotContain(known.Shown, answer.Text, StringComparison.Ordinal);
        if (answer.ErrorCode is not null)
        {
            Assert.Equal(("bucket", 404), (answer.Xml.Elements().Single(element => element.Name.LocalName == "BucketName").Value, (int)answer.Status));
        }
    }

    private static string Target(SettingDeclaration setting, SettingRequest request) =>
        $"{request.Method} bucket?{setting.Subresource}{(request.ById ? "&id=x" : "")}";

    private static string NameOf(string what) => what.Split('?')[1].Split('&')[0];

    private static (string? Body, string[] Headers) BodyOf(string what)
    {
        if (!what.StartsWith('P'))
        {
            return (null, []);
        }

        string body = SettingCases.All.TryGetValue(NameOf(what), out SettingCase? known) ? known.First : Other;
        return (body, [Digest(body)]);
    }

    private static string Digest(string body) => PermissionTableTests.Digest(body);
}
