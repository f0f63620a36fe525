using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Tarn.Server.Requests;
using Tarn.Tests.Control;
using Tarn.Tests.Sharing;

namespace Tarn.Tests.Requests;

/// <summary>Who sees the requests to disks.</summary>
public sealed class DiskRequestTests : IAsyncLifetime
{
    private SharingServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await SharingServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_refused_request_to_a_disk_is_shown_to_the_root_of_its_organization_and_to_no_other()
    {
        Signer acme = await _server.OrganizationAsync("acme"), other = await _server.OrganizationAsync("other");
        string disk = await _server.AttachAsync(acme);
        using (HttpResponseMessage refused = await _server.UseAsync(new Uri($"{_server.S3Url}/{disk}/f")))
        {
            Assert.Equal(403, (int)refused.StatusCode);
        }

        RecentRequests kept = _server.Services.GetRequiredService<RecentRequests>();
        while (!kept.NewestFirst().Any())
        {
            SharingServer.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        Assert.Equal((await _server.Identity.Organizations.GetAsync("acme", SharingServer.Token)).CanonicalId, Assert.Single(kept.NewestFirst()).OwnerId);
        Assert.Equal(disk, Assert.Single(await ListAsync(acme)).GetProperty("bucket").GetString());
        Assert.Empty(await ListAsync(other));
        Assert.Empty(await ListAsync(SharingServer.Root));
    }

    private async Task<JsonElement[]> ListAsync(Signer signer) => [.. (await _server.DataAsync(signer, "GET", "/api/requests")).GetProperty("requests").EnumerateArray()];
}
