using System.Globalization;
using System.Text;
using Tarn.TestKit.Http;

namespace Tarn.Tests.Accelerator;

/// <summary>Requests and answers made at random, on kept connections: both sides see the other's bytes.</summary>
public sealed class ForwardingPropertyTests
{
    private const int Requests = 400;

    private static readonly string[] Pieces = ["/", "//", ".", "..", "%2F", "%2f", "%2520", "%C2%A0", "+", "a", "B", "~", "%C3%A9", "'", "*", "=", "&", ":", "@", ";", ","];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Both_sides_see_each_others_bytes(int seed)
    {
        var random = new Random(seed);
        string answer = "", answerBody = "";
        string? arrivedBody = null;
        await using var upstream = new FakeUpstream(async exchange =>
        {
            if (exchange["Expect"] is not null)
            {
                Assert.False(exchange.HasMore);
                await exchange.SendAsync("HTTP/1.1 100 Continue\r\n\r\n");
            }

            arrivedBody = Encoding.Latin1.GetString(await exchange.ReadBodyAsync());
            await exchange.SendAsync(answer);
        });
        await using TestAccelerator accelerator = await TestAccelerator.StartAsync(upstream.Url);
        await using RawConnection client = await accelerator.ConnectAsync();
        for (int i = 0; i < Requests; i++)
        {
            string method = Pick(random, "GET", "PUT", "POST", "DELETE", "HEAD", "OPTIONS", "PATCH", "X-OTHER");
            string target = "/" + string.Concat(Enumerable.Range(0, random.Next(12)).Select(_ => Pick(random, Pieces))) + (random.Next(2) == 0 ? "" : "?" + string.Concat(Enumerable.Range(0, random.Next(8)).Select(_ => Pick(random, Pieces))));
            (string Name, string Value)[] headers = HeadersOf(random, "x-amz-meta-", "Authorization", "x-tarn-call", "Content-Type", "User-Agent", "If-Match", "Range", "Cookie", "x-b3-traceid");
            (string framing, string sent, string body, bool expects, (string, string)[] trailers) = BodyOf(random, method);
            (answer, answerBody, (string Name, string Value)[] answerHeaders) = AnswerOf(random, method);
            await client.WriteAsync($"{method} {target} HTTP/1.1\r\nHost: b.s3.test\r\n{Lines(headers)}{framing}\r\n");
            if (expects)
            {
                Assert.Equal(100, (await client.ReadResponseAsync(method))!.Status);
            }

            await client.WriteAsync(sent);
            RawResponse seen = (await client.ReadResponseAsync(method))!;
            FakeExchange request = upstream.OfClients[^1];
            Assert.Equal($"{method} {target} HTTP/1.1", request.RequestLine);
            Assert.Equal(body, arrivedBody);
            Assert.Equal(trailers, request.Trailers);
            Assert.Equal(Sorted(headers), Sorted(request.ClientHeaders.Where(h => h.Name is not ("Host" or "Content-Length" or "Transfer-Encoding" or "Expect"))));
            Assert.Equal(answer.Split(' ')[1], seen.Status.ToString(CultureInfo.InvariantCulture));
            Assert.Equal(answerBody, Encoding.Latin1.GetString(seen.Body));
            Assert.Equal(Sorted(answerHeaders), Sorted(seen.Headers.Where(h => h.Name is not ("Date" or "x-tarn-cache" or "Content-Length" or "Transfer-Encoding"))));
        }

        Assert.Equal(Requests, upstream.OfClients.Length);
    }

    private static (string Framing, string Sent, string Body, bool Expects, (string, string)[] Trailers) BodyOf(Random random, string method)
    {
        string body = Bytes(random, random.Next(3) == 0 ? random.Next(200_000) : random.Next(200));
        bool expects = random.Next(4) == 0 && body.Length > 0;
        string expect = expects ? "Expect: 100-continue\r\n" : "";
        switch (method is "GET" or "HEAD" ? 0 : random.Next(3))
        {
            case 1:
                return (string.Create(CultureInfo.InvariantCulture, $"Content-Length: {body.Length}\r\n{expect}"), body, body, expects, []);
            case 2:
                (string, string)[] trailers = random.Next(2) == 0 ? [] : [("x-amz-checksum-crc32", "AAAAAA=="), ("x-amz-trailer-signature", Bytes(random, 5).Replace('\r', 'r').Replace('\n', 'n').Replace('\0', '0').Trim(' ', '\t'))];
                var sent = new StringBuilder();
                for (int at = 0; at < body.Length;)
                {
                    int length = Math.Min(body.Length - at, 1 + random.Next(40_000));
                    sent.Append(CultureInfo.InvariantCulture, $"{length:x}{(random.Next(3) == 0 ? ";ext=\"a\"" : "")}\r\n{body.AsSpan(at, length)}\r\n");
                    at += length;
                }

                return ($"Transfer-Encoding: chunked\r\n{expect}", $"{sent}0\r\n{Lines(trailers)}\r\n", body, expects, trailers);
            default:
                return ("", "", "", false, []);
        }
    }

    private static (string Text, string Body, (string Name, string Value)[] Headers) AnswerOf(Random random, string method)
    {
        int status = int.Parse(Pick(random, "200", "206", "204", "304", "301", "403", "404", "412", "500", "503", "299"), CultureInfo.InvariantCulture);
        (string Name, string Value)[] headers = HeadersOf(random, "x-amz-meta-", "ETag", "Content-Type", "x-amz-request-id", "Location", "Vary", "Set-Cookie", "Cache-Control");
        bool hasBody = method != "HEAD" && status is not (204 or 304);
        string body = hasBody ? Bytes(random, random.Next(4) == 0 ? random.Next(300_000) : random.Next(100)) : "";
        string head = string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 {status} Some reason\r\n{Lines(headers)}");
        if (!hasBody)
        {
            return ($"{head}\r\n", "", headers);
        }

        if (random.Next(2) == 0)
        {
            return (string.Create(CultureInfo.InvariantCulture, $"{head}Content-Length: {body.Length}\r\n\r\n{body}"), body, headers);
        }

        int half = body.Length / 2;
        string chunks = string.Concat(new[] { body[..half], body[half..] }.Where(part => part.Length > 0).Select(part => string.Create(CultureInfo.InvariantCulture, $"{part.Length:X}\r\n{part}\r\n")));
        return ($"{head}Transfer-Encoding: chunked\r\n\r\n{chunks}0\r\n\r\n", body, headers);
    }

    private static (string Name, string Value)[] HeadersOf(Random random, params string[] names)
    {
        var headers = new List<(string, string)>();
        for (int i = random.Next(8); i > 0; i--)
        {
            string name = Pick(random, names);
            if (name.EndsWith('-'))
            {
                name += Pick(random, "a", "b", "A", "long-name");
            }
            else if (headers.Exists(h => h.Item1 == name))
            {
                continue;
            }

            // Visible characters, bytes above ASCII, and spaces inside.
            string value = string.Concat(Enumerable.Range(0, random.Next(30)).Select(_ => (char)(random.Next(3) == 0 ? random.Next(0x80, 0x100) : random.Next(0x20, 0x7f)))).Trim();
            value = string.Concat(value.Where(c => c is not ('\u0085' or '\u00a0'))).Trim(' ');
            headers.Add((name, value.Length == 0 ? "v" : value));
        }

        return [.. headers];
    }

    private static string Lines(IEnumerable<(string Name, string Value)> headers) => string.Concat(headers.Select(h => $"{h.Name}: {h.Value}\r\n"));

    /// <summary>By name, whose case does not matter; values of one name stay in their order.</summary>
    private static string[] Sorted(IEnumerable<(string Name, string Value)> headers) => [.. headers.OrderBy(h => h.Name, StringComparer.OrdinalIgnoreCase).Select(h => $"{h.Name.ToLowerInvariant()}: {h.Value}")];

    private static string Bytes(Random random, int length)
    {
        byte[] bytes = new byte[length];
        random.NextBytes(bytes);
        return Encoding.Latin1.GetString(bytes);
    }

    private static string Pick(Random random, params string[] from) => from[random.Next(from.Length)];
}
