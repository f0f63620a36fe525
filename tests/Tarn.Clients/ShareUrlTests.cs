using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Tarn.TestKit.Http;
using Tarn.TestKit.Servers;

namespace Tarn.Clients;

/// <summary>Share links under an address of their own, which the S3 endpoint answers beside the control address.</summary>
public sealed class ShareUrlTests
{
    [Fact]
    public async Task Links_are_answered_under_their_host_and_a_bucket_named_api_under_every_other()
    {
        await using TarnServer server = await TarnServer.StartAsync(new TarnServerOptions { Arguments = ["--share-url", "https://files.example.com/"] });
        using var s3 = new RawS3Client(server.Endpoint);
        await s3.CreateBucketAsync("api");
        (await s3.PutAsync("api", "shared/k", "an object"u8.ToArray())).Expect();
        (await s3.PutAsync("api", "picture.png", "a picture"u8.ToArray())).Expect();

        using var http = new HttpClient();
        string path = (await MakeAsync(http, server))["https://files.example.com".Length..];
        Assert.StartsWith("/api/shared/", path, StringComparison.Ordinal);
        foreach (Uri address in new[] { server.Endpoint.S3, server.Control })
        {
            (HttpStatusCode status, string text) = await UseAsync(http, address, path, "files.example.com");
            Assert.Equal((HttpStatusCode.OK, "a picture"), (status, text));
            Assert.Equal(HttpStatusCode.Forbidden, (await UseAsync(http, address, path + "x", "FILES.example.com")).Status);
        }

        Assert.Equal("an object", (await s3.GetAsync("api", "shared/k")).Expect().Text);
        (HttpStatusCode other, string xml) = await UseAsync(http, server.Endpoint.S3, path, "s3.example.com");
        Assert.Equal(HttpStatusCode.Forbidden, other);
        Assert.Contains("<Code>AccessDenied</Code>", xml, StringComparison.Ordinal);
    }

    private static async Task<string> MakeAsync(HttpClient http, TarnServer server)
    {
        var target = new Uri(server.Control, "api/shares");
        byte[] body = """{"bucket":"api","key":"picture.png"}"""u8.ToArray();
        var signer = new TestKit.Signing.SigV4TestSigner(server.Endpoint.AccessKey, server.Endpoint.SecretKey, service: "tarn");
        using var request = new HttpRequestMessage(HttpMethod.Post, target) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        var headers = new Dictionary<string, string> { ["host"] = target.Authority };
        foreach ((string name, string value) in signer.SignHeaders("POST", "/api/shares", headers, body, DateTimeOffset.UtcNow))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using HttpResponseMessage answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
        string text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, text);
        using JsonDocument document = JsonDocument.Parse(text);
        return document.RootElement.GetProperty("data").GetProperty("url").GetString()!;
    }

    private static async Task<(HttpStatusCode Status, string Text)> UseAsync(HttpClient http, Uri address, string path, string host)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(address, path));
        request.Headers.Host = host;
        using HttpResponseMessage answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}
