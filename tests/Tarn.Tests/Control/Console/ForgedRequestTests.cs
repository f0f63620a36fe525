using System.Text;
using Microsoft.AspNetCore.Routing;
using Tarn.Core.KeyValue;
using Tarn.Server.Control;
using Tarn.TestKit.Hosting;

namespace Tarn.Tests.Control.Console;

/// <summary>No page but the console's own does anything with its cookie: every endpoint, and everything that a browser says of a request's origin.</summary>
public sealed class ForgedRequestTests : IAsyncLifetime
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, UseCookies = false });
    private readonly MemoryKeyValueStore _rows = new();
    private InProcessServer _server = null!;
    private string _cookie = "";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Own => _server.ControlUrl;

    private string Other => _server.S3Url;

    public async ValueTask InitializeAsync()
    {
        _server = await InProcessServer.StartAsync(new InProcessSetup { Metadata = _rows }, Token);
        using var client = new ControlApiClient(_server.ControlUrl);
        _cookie = (await client.SignInAsync(ControlServer.Root)).Cookie!;
    }

    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        return _server.DisposeAsync();
    }

    [Fact]
    public async Task No_endpoint_changes_anything_for_a_page_that_is_not_the_consoles()
    {
        (string What, (string, string)[] Headers)[] forged =
        [
            ("no header", [("Sec-Fetch-Site", "same-origin"), ("Origin", Own)]),
            ("an empty header", [("X-Tarn-Console", ""), ("Sec-Fetch-Site", "same-origin")]),
            ("no proof", [("X-Tarn-Console", "1"), ("Sec-Fetch-Site", "same-origin")]),
            ("a proof that is too short", [("X-Tarn-Console", Signer.Proof[..^1]), ("Sec-Fetch-Site", "same-origin")]),
            ("a proof that is too long", [("X-Tarn-Console", Signer.Proof + "A"), ("Sec-Fetch-Site", "same-origin")]),
            ("a proof with padding", [("X-Tarn-Console", Signer.Proof + "="), ("Sec-Fetch-Site", "same-origin")]),
            ("a proof in Base64", [("X-Tarn-Console", Signer.Proof.Replace('-', '+')), ("Sec-Fetch-Site", "same-origin")]),
            ("the header twice", [("X-Tarn-Console", Signer.Proof), ("X-Tarn-Console", Signer.Proof), ("Sec-Fetch-Site", "same-origin")]),
            ("another port of the host", [("X-Tarn-Console", Signer.Proof), ("Sec-Fetch-Site", "same-site"), ("Origin", Other)]),
            ("another site", [("X-Tarn-Console", Signer.Proof), ("Sec-Fetch-Site", "cross-site"), ("Origin", "https://evil.example")]),
            ("no page", [("X-Tarn-Console", Signer.Proof), ("Sec-Fetch-Site", "none")]),
            ("two sites", [("X-Tarn-Console", Signer.Proof), ("Sec-Fetch-Site", "same-origin"), ("Sec-Fetch-Site", "cross-site")]),
            ("a site and the console's origin", [("X-Tarn-Console", Signer.Proof), ("Sec-Fetch-Site", "cross-site"), ("Origin", Own)]),
            ("neither site nor origin", [("X-Tarn-Console", Signer.Proof)]),
            ("an old browser, another port", [("X-Tarn-Console", Signer.Proof), ("Origin", Other)]),
            ("an old browser, another site", [("X-Tarn-Console", Signer.Proof), ("Origin", "http://evil.example:" + new Uri(Own).Port)]),
            ("an old browser, a name that begins so", [("X-Tarn-Console", Signer.Proof), ("Origin", Own + ".evil.example")]),
            ("an old browser, another scheme", [("X-Tarn-Console", Signer.Proof), ("Origin", Own.Replace("http:", "https:", StringComparison.Ordinal))]),
            ("an old browser, a frame without an origin", [("X-Tarn-Console", Signer.Proof), ("Origin", "null")]),
            ("an old browser, two origins", [("X-Tarn-Console", Signer.Proof), ("Origin", Own), ("Origin", Own)]),
        ];
        var passed = new List<string>();
        int asked = 0;
        List<string> before = await RowsAsync();
        foreach ((string method, string path, bool changes) in Endpoints().Where(static endpoint => endpoint.Changes))
        {
            foreach ((string what, (string, string)[] headers) in forged)
            {
                asked++;
                (int status, string text) = await SendAsync(method, path, headers);
                if (status != 403 || !(text.Contains("X-Tarn-Console", StringComparison.Ordinal) || text.Contains("another origin", StringComparison.Ordinal)))
                {
                    passed.Add($"{method} {path}, {what}: {status} {text}");
                }
            }
        }

        Assert.True(passed.Count == 0, string.Join('\n', passed));
        Assert.True(asked > 800, $"{asked}");
        Assert.Equal(before, await RowsAsync());
    }

    [Fact]
    public async Task Nothing_is_read_by_a_page_whose_browser_says_that_it_is_not_the_consoles()
    {
        foreach ((string method, string path, _) in Endpoints().Where(static endpoint => !endpoint.Changes))
        {
            foreach ((string, string)[] headers in ((string, string)[][])
            [
                [("Sec-Fetch-Site", "same-site")], [("Sec-Fetch-Site", "cross-site")], [("Sec-Fetch-Site", "same-origin"), ("Sec-Fetch-Site", "same-site")], [("Origin", Other)], [("Origin", "null")],
                [("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "navigate")], [("X-Tarn-Console", Signer.Proof), ("Sec-Fetch-Site", "same-site")],
            ])
            {
                (int status, string text) = await SendAsync(method, path, headers);
                Assert.True(status == 403 && text.Contains("another origin", StringComparison.Ordinal), $"{method} {path}: {status} {text}");
            }
        }
    }

    [Fact]
    public async Task The_consoles_page_is_served_in_browsers_that_say_where_a_request_is_from_and_in_those_that_do_not()
    {
        foreach ((string, string)[] headers in ((string, string)[][])
        [
            [("X-Tarn-Console", Signer.Proof), ("Sec-Fetch-Site", "same-origin")], [("X-Tarn-Console", Signer.Proof), ("Origin", Own)], [("X-Tarn-Console", Signer.Proof), ("Sec-Fetch-Site", "same-origin"), ("Origin", Own)],
        ])
        {
            Assert.Equal(200, (await SendAsync("POST", "/api/presign", headers, """{"method":"GET"}""")).Status);
        }

        foreach ((string, string)[] headers in ((string, string)[][])[[], [("Sec-Fetch-Site", "same-origin")], [("Sec-Fetch-Site", "none")], [("Origin", Own)]])
        {
            Assert.Equal(200, (await SendAsync("GET", "/api/session", headers)).Status);
        }
    }

    /// <summary>A signature or token is sent by a program, or by a page that has it: the cookie beside it counts for nothing.</summary>
    [Fact]
    public async Task A_request_that_is_signed_needs_no_header_and_gets_nothing_by_the_cookie()
    {
        using var client = new ControlApiClient(_server.ControlUrl);
        string token = (await client.DataAsync(ControlServer.Root, "POST", "/api/tokens", """{"name":"t"}""")).GetProperty("token").GetString()!;
        Assert.Equal(201, (await SendAsync("POST", "/api/keys", [("Authorization", token), ("Sec-Fetch-Site", "cross-site")])).Status);
        foreach (string wrong in (string[])["key-wrong", "nonsense", "AWS4-HMAC-SHA256 x"])
        {
            Assert.Equal(401, (await SendAsync("GET", "/api/keys", [("Authorization", wrong), ("Sec-Fetch-Site", "same-origin")])).Status);
        }

        Assert.Equal(403, (await SendAsync("GET", "/api/session", [("Authorization", token), ("Sec-Fetch-Site", "same-origin")])).Status);
    }

    private IEnumerable<(string Method, string Path, bool Changes)> Endpoints() =>
        from endpoint in _server.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        where endpoint.Metadata.GetMetadata<Authenticated>() is not null || endpoint.RoutePattern.RawText == "/api/session"
        from method in endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods
        let path = string.Join('/', endpoint.RoutePattern.RawText!.Split('/').Select(static part => part.StartsWith('{') ? "dsk-0000000000000000" : part))
        select (method, path, method is not ("GET" or "HEAD") || endpoint.Metadata.GetMetadata<ChangesSomething>() is not null);

    private async Task<(int Status, string Text)> SendAsync(string method, string path, (string Name, string Value)[] headers, string body = "{}")
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(_server.ControlUrl + path)) { Content = method is "GET" or "HEAD" ? null : new StringContent(body, Encoding.UTF8) };
        request.Headers.TryAddWithoutValidation("Cookie", _cookie);
        foreach (IGrouping<string, (string Name, string Value)> header in headers.GroupBy(static header => header.Name))
        {
            request.Headers.TryAddWithoutValidation(header.Key, header.Select(static one => one.Value));
        }

        using HttpResponseMessage answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
        return ((int)answer.StatusCode, method == "HEAD" || path == "/api/trace" && answer.IsSuccessStatusCode ? "another origin" : await answer.Content.ReadAsStringAsync(Token));
    }

    private async Task<List<string>> RowsAsync() =>
        [.. (await _rows.ScanAsync([], [0xFF], 10_000, reverse: false, Token)).Select(static row => Convert.ToHexString(row.Key) + Convert.ToHexString(row.Value))];
}
