using System.Globalization;
using Microsoft.Extensions.Logging;
using Tarn.Server.Control;
using Tarn.TestKit.Hosting;
using Tarn.Tests.Sharing;
using Tarn.Tests.Telemetry;

namespace Tarn.Tests.Control;

public sealed class ControlOutcomeTests
{
    [Fact]
    public async Task The_log_and_the_span_say_the_same()
    {
        using var log = new KeptLog(typeof(AnswerFilter).FullName!);
        using var spans = new KeptSpans("Microsoft.AspNetCore");
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
            request.Headers.Add("traceparent", spans.TraceParent);
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
        Dictionary<string, object?> tags = Assert.Single(spans.Ended).TagObjects.ToDictionary();
        Assert.Equal(((long)made.Length, length), (tags["http.request.body.size"], tags["http.response.body.size"]));
        string requester = Assert.IsType<string>(tags["enduser.id"]);
        Assert.EndsWith($" by={requester}", line, StringComparison.Ordinal);
        Assert.Contains($"{requester} POST /api/organizations: 201", log.Lines);
    }
}
