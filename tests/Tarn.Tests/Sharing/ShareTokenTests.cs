using System.Text;
using Tarn.Core;
using Tarn.Core.KeyValue;
using Tarn.Core.Sharing;
using Tarn.Server.Identity;
using Tarn.TestKit.Clocks;

namespace Tarn.Tests.Sharing;

/// <summary>Tokens and rows of links, with the encryption that the server uses.</summary>
public sealed class ShareTokenTests : IDisposable
{
    private const string Base64Url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    private static readonly string Owner = new('a', 64);

    private readonly MemoryKeyValueStore _rows = new();
    private readonly ShiftedTimeProvider _clock = new();
    private readonly DataProtectionSecrets _ring;
    private readonly ShareLinks _links;

    public ShareTokenTests()
    {
        _ring = SharingServer.Ring(_rows);
        _links = new ShareLinks(_rows, _ring, _clock, SystemRandomSource.Instance);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _ring.Dispose();

    [Fact]
    public async Task A_token_opens_its_link_and_no_change_of_it_opens_anything()
    {
        NewShareLink made = await MakeAsync();
        (ShareState state, ShareLink? link) = await _links.OpenAsync(made.Token, Token);
        Assert.Equal((ShareState.Valid, made.Link.Id, "a/b"), (state, link!.Id, Encoding.UTF8.GetString(link.Target.Key)));
        for (int i = 0; i < made.Token.Length; i++)
        {
            // The neighbour in the alphabet differs in the lowest bit, which at the end is one that no byte takes.
            char other = Base64Url[Base64Url.IndexOf(made.Token[i], StringComparison.Ordinal) ^ 1];
            string changed = made.Token[..i] + other + made.Token[(i + 1)..];
            Assert.Equal(ShareState.Forged, (await _links.OpenAsync(changed, Token)).State);
        }

        foreach (string bad in new[] { "", "x", made.Token + "A", made.Token[..^1], made.Token + "=", "../" + made.Token, new string('A', 5000), "é" })
        {
            Assert.Equal(ShareState.Forged, (await _links.OpenAsync(bad, Token)).State);
        }
    }

    [Fact]
    public async Task Another_ring_of_keys_opens_nothing_and_the_same_one_does_after_a_restart()
    {
        NewShareLink made = await MakeAsync();
        using DataProtectionSecrets again = SharingServer.Ring(_rows);
        Assert.Equal(ShareState.Valid, (await new ShareLinks(_rows, again, _clock, SystemRandomSource.Instance).OpenAsync(made.Token, Token)).State);
        using DataProtectionSecrets other = SharingServer.Ring(new MemoryKeyValueStore());
        Assert.Equal(ShareState.Forged, (await new ShareLinks(_rows, other, _clock, SystemRandomSource.Instance).OpenAsync(made.Token, Token)).State);
    }

    [Fact]
    public async Task A_token_is_not_a_secret_of_another_kind()
    {
        byte[] other = _ring.Protect("access-key/x", "1.00.99999999999.00");
        Assert.Equal(ShareState.Forged, (await _links.OpenAsync(System.Buffers.Text.Base64Url.EncodeToString(other), Token)).State);
    }

    [Fact]
    public async Task It_expires_and_its_rows_go()
    {
        int before = (await RowsAsync()).Count;
        NewShareLink made = await MakeAsync(seconds: 60);
        NewShareLink later = await MakeAsync(seconds: 600);

        // Real time goes on: what is valid still is so for a while, what has expired stays so.
        _clock.Ahead = made.Link.Expires - TimeProvider.System.GetUtcNow() - TimeSpan.FromSeconds(30);
        Assert.Equal(ShareState.Valid, (await _links.OpenAsync(made.Token, Token)).State);
        Assert.Equal(0, await _links.SweepAsync(Token));
        _clock.Ahead = made.Link.Expires - TimeProvider.System.GetUtcNow() + TimeSpan.FromMilliseconds(1);
        Assert.Equal(ShareState.Expired, (await _links.OpenAsync(made.Token, Token)).State);
        Assert.Equal(later.Link.Id, Assert.Single((await _links.ListAsync("acme", null, null, 10, Token)).Links).Id);
        Assert.Equal(1, await _links.SweepAsync(Token));
        Assert.Equal(ShareState.Expired, (await _links.OpenAsync(made.Token, Token)).State);
        Assert.Equal(ShareState.Valid, (await _links.OpenAsync(later.Token, Token)).State);
        _clock.Ahead += TimeSpan.FromHours(1);
        Assert.Equal(1, await _links.SweepAsync(Token));
        Assert.Equal(before, (await RowsAsync()).Count);
    }

    [Fact]
    public async Task Revoked_links_open_nothing_and_leave_nothing()
    {
        int before = (await RowsAsync()).Count;
        NewShareLink made = await MakeAsync();
        await _links.RevokeAsync(made.Link, Token);
        Assert.Equal((ShareState.Revoked, null), await _links.OpenAsync(made.Token, Token));
        Assert.Equal(before, (await RowsAsync()).Count);
    }

    [Fact]
    public async Task Lists_go_page_by_page_and_keep_organizations_and_targets_apart()
    {
        var ids = new List<string>();
        foreach (string container in new[] { "bucket", "bucket2", "dsk-0000000000000001" })
        {
            for (int i = 0; i < 3; i++)
            {
                ids.Add((await MakeAsync(container: container)).Link.Id);
            }
        }

        await MakeAsync(organization: "acme2");
        var seen = new List<string>();
        ShareLink? after = null;
        string? next;
        do
        {
            (IReadOnlyList<ShareLink> links, next) = await _links.ListAsync("acme", null, after, 2, Token);
            seen.AddRange(links.Select(link => link.Id));
            after = links[^1];
            Assert.True(next is null || next == after.Id);
        }
        while (next is not null);
        Assert.Equal(ids.Order(), seen.Order());
        Assert.Equal(ids[..3].Order(), (await _links.ListAsync("acme", "bucket", null, 100, Token)).Links.Select(link => link.Id).Order());
        await _links.RevokeAllAsync("acme", "bucket", Token);
        Assert.Equal(6, (await _links.ListAsync("acme", null, null, 100, Token)).Links.Count);
    }

    private async Task<NewShareLink> MakeAsync(string organization = "acme", string container = "dsk-0000000000000001", int seconds = 3600) =>
        await _links.CreateAsync(
            organization, Owner, new ShareTarget(container, 7, "a/b"u8.ToArray(), null), TimeSpan.FromSeconds(seconds), "arn:aws:iam::acme:root", Token);

    private async Task<IReadOnlyList<KeyValueEntry>> RowsAsync() => await _rows.ScanAsync([], [0xFF], 1000, reverse: false, Token);
}
