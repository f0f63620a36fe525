using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.AspNetCore.Http;
using Tarn.Core.Identity;
using Tarn.Core.Model;
using Tarn.S3.Operations;
using Tarn.S3.Telemetry;
using Tarn.Server.Requests;

namespace Tarn.Tests.Requests;

public sealed partial class S3LogLineTests
{
    [Fact]
    public void A_line_has_the_fields_of_S3s_in_their_order()
    {
        FinishedRequest request = Request("GET", "photos", "a b/ä\"x.jpg", "/photos/a%20b/%C3%A4%22x.jpg?versionId=v1&X-Amz-Signature=secret", "curl/8", "https://example.com/page?token=secret") with
        {
            OwnerId = new('a', 64),
            Status = 404,
            ErrorCode = "NoSuchKey",
            BytesOut = 297,
            Total = TimeSpan.FromMilliseconds(38.9),
            TimeToFirstByte = TimeSpan.FromMilliseconds(11.2),
            Principal = new Principal(new('b', 64), "bob", "AKID") { OrganizationId = "acme", UserName = "bob" },
        };
        Assert.Equal(
            $"{new string('a', 64)} photos [06/Feb/2026:00:00:38 +0000] 192.0.2.3 arn:aws:iam::acme:user/bob 3E57427F33A59F07 REST.GET.OBJECT a%20b/%C3%A4%22x.jpg "
            + "\"GET /photos/a%20b/%C3%A4%22x.jpg?versionId=v1&X-Amz-Signature=Redacted HTTP/1.1\" 404 NoSuchKey 297 - 38 11 "
            + "\"https://example.com/page?Redacted\" \"curl/8\" v1 host-id SigV4 - QueryString s3.example.com - - -",
            S3LogLine.Of(request));
    }

    [Fact]
    public void What_is_not_known_is_a_dash() => Assert.Equal(
        "- - [01/Jan/0001:00:00:00 +0000] - - - - - - 400 - - - 0 - \"-\" \"-\" - - - - - - - - -",
        S3LogLine.Of(new FinishedRequest { Method = "GET", Started = default, Status = 400, Total = default }));

    [Fact]
    public void No_text_of_a_client_forges_a_line_or_a_field()
    {
        Gen<string> text = Gen.OneOf(
            ArbMap.Default.GeneratorFor<NonNull<string>>().Select(it => it.Get),
            Gen.Elements("\n", "\r\n", "\" 200 -", "\\\"", " ", "a\u2028b", "\0", "\u0085", "] [", "- -", "\ud800", "%0a", "é", "?a=b&c"));
        Prop.ForAll(text.Four().ToArbitrary(), it =>
        {
            (string key, string agent, string referer, string bucket) = it;
            FinishedRequest request = Request("GET", bucket, key, "/" + bucket + "/" + key, agent, referer);
            string line = S3LogLine.Of(request);
            Assert.DoesNotContain(line, c => c is < ' ' or > '~');
            Match fields = Fields().Match(line);
            Assert.True(fields.Success, line);
            Assert.Equal(26, fields.Groups[1].Captures.Count);

            string json = RequestLine.Of(request);
            Assert.DoesNotContain(json, char.IsControl);
            Assert.DoesNotContain(json, c => c is '\u2028' or '\u2029');
            using JsonDocument read = JsonDocument.Parse(json);
            Assert.Equal(200, read.RootElement.GetProperty("status").GetInt32());
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData("CopyObject", "REST.COPY.OBJECT_GET")]
    [InlineData("UploadPartCopy", "REST.COPY.PART_GET")]
    public void The_source_of_a_copy_has_a_line_of_its_own(string operation, string name)
    {
        FinishedRequest request = Request("PUT", "photos", "copy", "/photos/copy", "curl/8", "") with { Operation = operation, OwnerId = new('a', 64), BytesOut = 300, TimeToFirstByte = TimeSpan.FromMilliseconds(1) };
        var source = new CopiedObject(7, "originals", new('c', 64), ObjectKey.FromUtf8("a key"u8.ToArray()), "v7");
        Assert.Equal(
            $"{new string('c', 64)} originals [06/Feb/2026:00:00:38 +0000] 192.0.2.3 - 3E57427F33A59F07 {name} a%20key \"PUT /photos/copy HTTP/1.1\" 200 - - - 0 - \"-\" \"curl/8\" v7 host-id SigV4 - QueryString s3.example.com - - -",
            S3LogLine.OfSource(request, source));
    }

    [Fact]
    public void The_line_of_a_copys_source_has_the_status_and_the_list_of_the_source()
    {
        FinishedRequest request = Request("PUT", "photos", "copy", "/photos/copy", "curl/8", "") with { Operation = "CopyObject", Status = 507, ErrorCode = "InsufficientStorage" };
        var source = new CopiedObject(7, "originals", new('c', 64), ObjectKey.FromUtf8("key"u8.ToArray()), null);
        Assert.Contains("\" 507 InsufficientStorage - ", S3LogLine.OfSource(request, source), StringComparison.Ordinal);
        string read = S3LogLine.OfSource(request, source with { IsRead = true, NeededAcl = true });
        Assert.Contains("\" 200 - - ", read, StringComparison.Ordinal);
        Assert.EndsWith(" Yes", read, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "GetObject", "REST.GET.OBJECT")]
    [InlineData("GET", "GetBucketVersioning", "REST.GET.VERSIONING")]
    [InlineData("GET", "GetBucketLogging", "REST.GET.LOGGING_STATUS")]
    [InlineData("GET", "GetBucketPolicy", "REST.GET.BUCKETPOLICY")]
    [InlineData("PUT", "CopyObject", "REST.COPY.OBJECT")]
    [InlineData("POST", "DeleteObjects", "REST.POST.MULTI_OBJECT_DELETE")]
    [InlineData("GET", "GetBucketOwnershipControls", "REST.GET.OWNERSHIP_CONTROLS")]
    [InlineData("PUT", "PutObjectTagging", "REST.PUT.OBJECT_TAGGING")]
    [InlineData("GET", null, null)]
    public void Operations_have_the_names_of_S3s_logs(string method, string? operation, string? name) => Assert.Equal(name, S3LogOperation.Of(method, operation));

    [Fact]
    public void Every_operation_has_a_name_of_that_form() =>
        Assert.All(OperationTable.Rows, row => Assert.Matches("^REST\\.[A-Z]+\\.[A-Z_]+$", S3LogOperation.Of(row.Method, row.Name)!));

    private static FinishedRequest Request(string method, string bucket, string key, string target, string agent, string referer)
    {
        var http = new DefaultHttpContext();
        http.Request.Protocol = "HTTP/1.1";
        http.Request.Headers.UserAgent = agent;
        http.Request.Headers.Referer = referer;
        http.Request.Headers.Host = "s3.example.com";
        return new FinishedRequest
        {
            Method = method,
            Started = new DateTimeOffset(2026, 2, 6, 0, 0, 38, TimeSpan.Zero),
            Operation = "GetObject",
            Bucket = bucket,
            Key = ObjectKey.FromUtf8(Encoding.UTF8.GetBytes(key)),
            Status = 200,
            Total = TimeSpan.Zero,
            RequestId = "3E57427F33A59F07",
            Remote = IPAddress.Parse("192.0.2.3"),
            Http = HttpFacts.Of(http, target, OperationTable.Parameters) with { VersionId = "v1", HostId = "host-id", SignatureVersion = "SigV4", Authentication = "QueryString" },
        };
    }

    /// <summary>The grammar by which programs read these lines.</summary>
    [GeneratedRegex("^(?:(?:^| )(\\[[^\\]]*\\]|\"[^\"]*\"|[^ \"\\[\\]]+))+$")]
    private static partial Regex Fields();
}
