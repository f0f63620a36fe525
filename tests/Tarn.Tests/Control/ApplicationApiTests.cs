using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Tarn.Server.Control;
using Tarn.Server.Control.Tarn;

namespace Tarn.Tests.Control;

/// <summary>What an application gets to paste: what it may do, and text that no shell takes for more.</summary>
public sealed class ApplicationApiTests : IAsyncLifetime
{
    private static readonly string[] Reads = ["s3://photos/FILE .", "s3.download_file(\"photos\"", "GetObjectCommand"];
    private static readonly string[] Writes = ["FILE s3://photos/", "s3.upload_file(\"FILE\"", "PutObjectCommand"];

    private ControlServer _server = null!;
    private Signer _acme = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await ControlServer.StartAsync();
        _acme = await _server.OrganizationAsync("acme");
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("read-write", true, "restic init")]
    [InlineData("read-only", false, "restic --no-lock snapshots")]
    [InlineData("write-only", true, null)]
    public async Task Snippets_show_what_the_application_may_do(string access, bool writes, string? restic)
    {
        JsonElement snippets = await SnippetsAsync($$"""{"name":"photos","access":"{{access}}","endpointUrl":"https://[::1]:9000"}""");
        string[] shown = [.. ((string[])["aws", "boto3", "javaScript"]).Select(program => snippets.GetProperty(program).GetString()!)];
        Assert.All(writes ? Writes : Reads, part => Assert.Contains(shown, snippet => snippet.Contains(part, StringComparison.Ordinal)));
        Assert.All(writes ? Reads : Writes, part => Assert.DoesNotContain(shown, snippet => snippet.Contains(part, StringComparison.Ordinal)));

        // Both list and read what they write.
        Assert.Equal((restic is not null, restic is not null), (snippets.TryGetProperty("rclone", out _), snippets.TryGetProperty("restic", out JsonElement made)));
        if (restic is not null)
        {
            Assert.Contains(restic, made.GetString(), StringComparison.Ordinal);
            Assert.Contains("'s3:https://[::1]:9000/photos'", made.GetString(), StringComparison.Ordinal);
        }

        // A shell takes brackets for a pattern.
        Assert.Contains("--endpoint-url 'https://[::1]:9000' ", shown[0], StringComparison.Ordinal);
        Assert.Equal(restic is null ? 3 : 5, SnippetsView.Titled(snippets).Count());
    }

    [Theory]
    [InlineData("'")]
    [InlineData("$(id)")]
    [InlineData("\"")]
    [InlineData("a b")]
    [InlineData("`id`")]
    [InlineData("\n")]
    [InlineData("?a=b")]
    public async Task No_url_needs_more_than_quotes(string more)
    {
        (int status, JsonElement answer) = await _server.SendAsync(_acme, "POST", "/api/applications", JsonSerializer.Serialize(new { name = "photos", endpointUrl = "https://s3.example.com/" + more }));
        Assert.True(status == 400 || Uri.IsWellFormedUriString(answer.GetProperty("data").GetProperty("endpointUrl").GetString(), UriKind.Absolute));
        if (status == 201)
        {
            Assert.DoesNotContain(answer.GetProperty("data").GetProperty("endpointUrl").GetString()!, static letter => !char.IsAsciiLetterOrDigit(letter) && !"-._~:/[]%".Contains(letter, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task The_servers_own_url_is_shown_without_one()
    {
        JsonElement made = await _server.DataAsync(_acme, "POST", "/api/applications", """{"name":"photos"}""");
        Assert.Equal(_server.Services.GetRequiredService<ControlOptions>().S3Base().TrimEnd('/'), made.GetProperty("endpointUrl").GetString());
    }

    private async Task<JsonElement> SnippetsAsync(string body) => (await _server.DataAsync(_acme, "POST", "/api/applications", body)).GetProperty("snippets");
}
