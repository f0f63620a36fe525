using System.Text.Json;
using System.Text.RegularExpressions;
using Amazon.S3;
using Amazon.S3.Model;
using Microsoft.Playwright;
using Tarn.EndToEnd.Harness;
using static Microsoft.Playwright.Assertions;

namespace Tarn.EndToEnd;

/// <summary>What a page of another origin can do with a bucket, in a real browser, which is what enforces CORS.</summary>
public sealed class BrowserTests(Stage stage) : IAsyncLifetime
{
    private PageServer _site = null!;
    private IPage _page = null!;

    public async ValueTask InitializeAsync()
    {
        // First, because without a browser the test ends here.
        _page = await stage.NewPageAsync();
        _site = await PageServer.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_page is not null)
        {
            await _page.Context.CloseAsync();
        }

        if (_site is not null)
        {
            await _site.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_form_without_script_uploads_and_goes_on()
    {
        string bucket = await stage.NewBucketAsync();
        CreatePresignedPostResponse form = await FormAsync(bucket, "up/${filename}", new() { ["success_action_redirect"] = _site.Origin + "/done", ["Content-Type"] = "text/plain" });
        _site.Html = FormPage(form);
        await _page.GotoAsync(_site.Origin);
        await _page.SetInputFilesAsync("input[type=file]", new FilePayload { Name = "héllo wörld.txt", MimeType = "text/plain", Buffer = Bytes(200_000) });
        await _page.ClickAsync("input[type=submit]");
        await Expect(_page).ToHaveURLAsync(new Regex("/done"));
        Assert.Contains($"bucket={bucket}&key=up%2Fh%C3%A9llo%20w%C3%B6rld.txt&etag=%22", _page.Url, StringComparison.Ordinal);

        using GetObjectResponse stored = await stage.S3.GetObjectAsync(bucket, "up/héllo wörld.txt", TestContext.Current.CancellationToken);
        using var content = new MemoryStream();
        await stored.ResponseStream.CopyToAsync(content, TestContext.Current.CancellationToken);
        Assert.Equal(Bytes(200_000), content.ToArray());
        Assert.Equal("text/plain", stored.Headers.ContentType);
    }

    [Fact]
    public async Task A_form_that_the_policy_does_not_allow_shows_the_error()
    {
        string bucket = await stage.NewBucketAsync();
        CreatePresignedPostResponse form = await FormAsync(bucket, "k", [], most: 1000);
        _site.Html = FormPage(form);
        await _page.GotoAsync(_site.Origin);
        await _page.SetInputFilesAsync("input[type=file]", new FilePayload { Name = "large", MimeType = "text/plain", Buffer = Bytes(5_000_000) });
        await _page.ClickAsync("input[type=submit]");
        await Expect(_page).ToHaveURLAsync(new Regex("^" + Regex.Escape(stage.Endpoint.Address)));
        await Expect(_page.Locator(":root")).ToContainTextAsync("EntityTooLarge");
        Assert.Empty((await stage.S3.ListObjectsV2Async(new() { BucketName = bucket }, TestContext.Current.CancellationToken)).S3Objects ?? []);
    }

    [Fact]
    public async Task A_script_puts_reads_back_and_sees_the_headers_that_are_exposed()
    {
        string bucket = await OpenBucketAsync(_site.Origin);
        await _page.GotoAsync(_site.Origin);
        JsonElement put = await FetchAsync(Url(bucket, "k é", HttpVerb.PUT), "PUT", "text of a page", new { });
        Assert.Equal(200, put.GetProperty("status").GetInt32());
        Assert.StartsWith("\"", put.GetProperty("etag").GetString(), StringComparison.Ordinal);
        JsonElement get = await FetchAsync(Url(bucket, "k é", HttpVerb.GET), "GET", null, new { });
        Assert.Equal((200, "text of a page"), (get.GetProperty("status").GetInt32(), get.GetProperty("text").GetString()));
        Assert.Equal(put.GetProperty("etag").GetString(), get.GetProperty("etag").GetString());
        Assert.Null(get.GetProperty("acceptRanges").GetString());
    }

    [Fact]
    public async Task A_script_sends_a_form_and_reads_the_document()
    {
        string bucket = await OpenBucketAsync(_site.Origin);
        CreatePresignedPostResponse form = await FormAsync(bucket, "k", new() { ["success_action_status"] = "201" });
        await _page.GotoAsync(_site.Origin);
        JsonElement answer = await _page.EvaluateAsync<JsonElement>(
            """
            async ({ url, fields }) => {
              const form = new FormData();
              for (const [name, value] of Object.entries(fields)) form.append(name, value);
              form.append('file', new Blob(['x'.repeat(100000)]), 'f.bin');
              const answer = await fetch(url, { method: 'POST', body: form });
              const document = new DOMParser().parseFromString(await answer.text(), 'text/xml');
              return { status: answer.status, key: document.querySelector('Key').textContent };
            }
            """,
            new { url = form.Url, fields = form.Fields });
        Assert.Equal((201, "k"), (answer.GetProperty("status").GetInt32(), answer.GetProperty("key").GetString()));
    }

    [Fact]
    public async Task Errors_can_be_read()
    {
        string bucket = await OpenBucketAsync(_site.Origin);
        await _page.GotoAsync(_site.Origin);
        JsonElement absent = await FetchAsync(Url(bucket, "absent", HttpVerb.GET), "GET", null, new { });
        Assert.Equal(404, absent.GetProperty("status").GetInt32());
        Assert.Contains("<Code>NoSuchKey</Code>", absent.GetProperty("text").GetString(), StringComparison.Ordinal);
        JsonElement forged = await FetchAsync(Url(bucket, "k", HttpVerb.PUT) + "0", "PUT", "x", new { });
        Assert.Equal(403, forged.GetProperty("status").GetInt32());
        Assert.Contains("<Code>SignatureDoesNotMatch</Code>", forged.GetProperty("text").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_origin_that_no_rule_lets_in_neither_writes_nor_reads()
    {
        string bucket = await OpenBucketAsync("http://somewhere.example");
        await stage.S3.PutObjectAsync(new() { BucketName = bucket, Key = "secret", ContentBody = "secret" }, TestContext.Current.CancellationToken);
        await _page.GotoAsync(_site.Origin);
        JsonElement put = await FetchAsync(Url(bucket, "written", HttpVerb.PUT), "PUT", "x", new { });
        Assert.Equal("TypeError", put.GetProperty("error").GetString());
        JsonElement get = await FetchAsync(Url(bucket, "secret", HttpVerb.GET), "GET", null, new { });
        Assert.Equal("TypeError", get.GetProperty("error").GetString());
        ListObjectsV2Response listed = await stage.S3.ListObjectsV2Async(new() { BucketName = bucket }, TestContext.Current.CancellationToken);
        Assert.Equal(["secret"], listed.S3Objects.Select(o => o.Key));
    }

    [Fact]
    public async Task A_header_that_no_rule_lets_in_is_not_sent()
    {
        string bucket = await OpenBucketAsync(_site.Origin);
        await _page.GotoAsync(_site.Origin);
        JsonElement refused = await FetchAsync(Url(bucket, "k", HttpVerb.PUT), "PUT", "x", new Dictionary<string, string> { ["x-other"] = "1" });
        Assert.Equal("TypeError", refused.GetProperty("error").GetString());
        JsonElement allowed = await FetchAsync(Url(bucket, "k", HttpVerb.PUT, "text/html"), "PUT", "x", new Dictionary<string, string> { ["Content-Type"] = "text/html" });
        Assert.Equal(200, allowed.GetProperty("status").GetInt32());
    }

    private static byte[] Bytes(int length)
    {
        byte[] bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }

    private async Task<string> OpenBucketAsync(string origin)
    {
        string bucket = await stage.NewBucketAsync();
        await stage.S3.PutCORSConfigurationAsync(
            bucket,
            new CORSConfiguration
            {
                Rules = [new() { AllowedOrigins = [origin], AllowedMethods = ["GET", "PUT", "POST"], AllowedHeaders = ["content-type"], ExposeHeaders = ["ETag"] }],
            },
            TestContext.Current.CancellationToken);
        return bucket;
    }

    private Task<CreatePresignedPostResponse> FormAsync(string bucket, string key, Dictionary<string, string> fields, long most = 10_000_000) =>
        stage.S3.CreatePresignedPostAsync(new CreatePresignedPostRequest
        {
            BucketName = bucket, Key = key, Expires = DateTime.UtcNow.AddMinutes(10), Fields = fields,
            Conditions = [S3PostCondition.ContentLengthRange(0, most), S3PostCondition.StartsWith("key", key.Replace("${filename}", "", StringComparison.Ordinal))],
        });

    private static string FormPage(CreatePresignedPostResponse form)
    {
        string hidden = string.Concat(form.Fields.Select(f =>
            $"<input type=\"hidden\" name=\"{System.Net.WebUtility.HtmlEncode(f.Key)}\" value=\"{System.Net.WebUtility.HtmlEncode(f.Value)}\">\n"));
        return $"""
            <!doctype html><meta charset="utf-8"><title>upload</title>
            <form action="{form.Url}" method="post" enctype="multipart/form-data">
            {hidden}<input type="file" name="file"><input type="submit" name="submit" value="Upload">
            </form>
            """;
    }

    private string Url(string bucket, string key, HttpVerb verb, string? contentType = null) => stage.S3.GetPreSignedURL(new GetPreSignedUrlRequest
    {
        BucketName = bucket, Key = key, Verb = verb, Expires = DateTime.UtcNow.AddMinutes(10), ContentType = contentType,
        Protocol = stage.Endpoint.S3.Scheme == "https" ? Protocol.HTTPS : Protocol.HTTP,
    });

    /// <summary>What the page's script sees of a request.</summary>
    private async Task<JsonElement> FetchAsync(string url, string method, string? body, object headers) => await _page.EvaluateAsync<JsonElement>(
        """
        async ({ url, method, body, headers }) => {
          try {
            const answer = await fetch(url, { method, headers, body: body === null ? undefined : new Blob([body]) });
            return {
              status: answer.status, text: await answer.text(), etag: answer.headers.get('etag'), acceptRanges: answer.headers.get('accept-ranges'),
            };
          } catch (error) {
            return { error: error.name };
          }
        }
        """,
        new { url, method, body, headers });
}
