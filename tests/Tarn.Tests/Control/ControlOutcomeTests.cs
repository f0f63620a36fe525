using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Tarn.Server.Control;
using Tarn.TestKit.Hosting;
using Tarn.Tests.Sharing;

namespace Tarn.Tests.Control;

public sealed class ControlOutcomeTests
{
    [Fact]
    public async Task The_log_has_a_line_of_the_request_and_one_of_the_change()
    {
        using var log = new KeptLog(typeof(AnswerFilter).FullName!);
        byte[] made = """{"name":"acme"}"""u8.ToArray();
        long length;
        await using (InProcessServer server = await InProcessServer.StartAsync(new InProcessSetup
        {
            Options = InProcessServer.Options with { LogLevel = LogLevel.Debug },
            More = builder => builder.Logging.AddProvider(log),
        }))
        {
            using var client = new HttpClient();
            var target = new Uri(server.ControlUrl + "/api/organizations");
            using var request = new HttpRequestMessage(HttpMethod.Post, target) { Content = new ByteArrayContent(made) };
            foreach ((string name, string value) in ControlServer.Root.Headers("POST", target, made))
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }

            using HttpResponseMessage response = await client.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.Equal(201, (int)response.StatusCode);
            length = response.Content.Headers.ContentLength!.Value;
        }

        string line = Assert.Single(log.Lines, line => line.Contains(" ms ", StringComparison.Ordinal));
        Assert.StartsWith(string.Create(CultureInfo.InvariantCulture, $"POST /api/organizations/ 201 in={made.Length} out={length} "), line, StringComparison.Ordinal);
        string requester = line[(line.LastIndexOf("by=", StringComparison.Ordinal) + 3)..];
        Assert.StartsWith("arn:", requester, StringComparison.Ordinal);
        Assert.Contains($"{requester} POST /api/organizations: 201", log.Lines);
    }

    [Fact]
    public void The_span_says_who_asked_and_how_much_was_sent()
    {
        using var span = new Activity("request") { IsAllDataRequested = true };
        ControlSpan.Describe(span, new ControlOutcome
        {
            Method = "POST", Route = "/api/keys", Path = "/api/keys", Status = 201, BytesIn = 15, BytesOut = 295, Total = TimeSpan.Zero, Requester = "arn:someone",
        });
        Dictionary<string, object?> tags = span.TagObjects.ToDictionary();
        Assert.Equal((15L, 295L, "arn:someone"), (tags["http.request.body.size"], tags["http.response.body.size"], tags["enduser.id"]));
    }
}
