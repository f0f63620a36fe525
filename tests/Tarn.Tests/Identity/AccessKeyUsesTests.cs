using System.Globalization;
using System.Net;
using Tarn.Core.Identity;
using Tarn.Core.Records;

namespace Tarn.Tests.Identity;

public sealed class AccessKeyUsesTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 30, 12, 0, 0, TimeSpan.Zero);

    private readonly IdentityFixture _fixture = new();
    private readonly AccessKeyUses _uses;

    public AccessKeyUsesTests() => _uses = new AccessKeyUses(_fixture.Hooks, _fixture.Clock);

    private static CancellationToken Token => IdentityFixture.Token;

    [Fact]
    public async Task The_last_use_is_known_to_the_minute_before_and_after_it_is_written()
    {
        string key = await KeyAsync();
        Assert.Null(await FindAsync(key));
        _uses.Note(key, Noon.AddSeconds(59), IPAddress.Parse("::ffff:192.0.2.7"));
        _uses.Note(key, Noon.AddSeconds(2), IPAddress.Parse("192.0.2.8"));
        Assert.Equal(new AccessKeyUse(Noon, "192.0.2.7"), await FindAsync(key));
        await _uses.FlushAsync(Token);
        Assert.Equal(0, _uses.Pending);
        Assert.Equal(new AccessKeyUse(Noon, "192.0.2.7"), await FindAsync(key));
        Assert.Equal(new AccessKeyUse(Noon, "192.0.2.7"), Assert.Single(await new AccessKeyUses(_fixture.Rows, _fixture.Clock).FindAsync([await FoundAsync(key)], Token)));

        // A request that began earlier and ended later.
        _uses.Note(key, Noon.AddMinutes(-1), IPAddress.Loopback);
        Assert.Equal(new AccessKeyUse(Noon, "192.0.2.7"), await FindAsync(key));
        _uses.Note(key, Noon.AddMinutes(3), null);
        Assert.Equal(new AccessKeyUse(Noon.AddMinutes(3), null), await FindAsync(key));
    }

    /// <summary>When a key was used is not worth a list of keys that fails.</summary>
    [Fact]
    public async Task A_damaged_row_is_as_good_as_none()
    {
        string key = await KeyAsync();
        await _fixture.Rows.CommitAsync(new Core.KeyValue.KeyValueBatch().Put(Tables.AccessKeyUseKey(key), [1, 7, 9]), Token);
        Assert.Null(await FindAsync(key));
        _uses.Note(key, Noon, null);
        await _uses.FlushAsync(Token);
        Assert.Equal(new AccessKeyUse(Noon, null), await FindAsync(key));
    }

    [Fact]
    public async Task A_key_is_written_at_most_once_a_minute()
    {
        string key = await KeyAsync();
        int before = _fixture.Hooks.Commits;
        for (int i = 0; i < 1000; i++)
        {
            _uses.Note(key, Noon.AddMilliseconds(i), IPAddress.Loopback);
        }

        Assert.Equal(before, _fixture.Hooks.Commits);
        await _uses.FlushAsync(Token);
        _uses.Note(key, Noon.AddSeconds(30), IPAddress.Loopback);
        await _uses.FlushAsync(Token);
        await _uses.FlushAsync(Token);
        Assert.Equal((before + 1, 0), (_fixture.Hooks.Commits, _uses.Pending));
    }

    [Fact]
    public async Task What_is_noted_in_memory_is_bounded()
    {
        for (int i = 0; i < AccessKeyUses.MaxPending + 10; i++)
        {
            _uses.Note("key-" + i.ToString(CultureInfo.InvariantCulture), Noon, null);
        }

        Assert.Equal(AccessKeyUses.MaxPending, _uses.Pending);
        _uses.Note("key-0", Noon.AddMinutes(1), null);
        Assert.Equal(Noon.AddMinutes(1), (await FindAsync("key-0"))!.Time);

        // Keys that do not exist are dropped, and leave nothing behind.
        await _uses.FlushAsync(Token);
        Assert.Equal((0, 0), (_uses.Pending, await RowsAsync()));
    }

    [Fact]
    public async Task A_revoked_key_leaves_no_use_behind()
    {
        string key = await KeyAsync(), second = await KeyAsync();
        _uses.Note(key, Noon, null);
        _uses.Note(second, Noon, null);
        await _uses.FlushAsync(Token);
        Assert.Equal(2, await RowsAsync());
        await _fixture.Store.Keys.RevokeAsync(key, Token);
        Assert.Equal(1, await RowsAsync());

        // Revoked while it is written: the write waits, and then finds no key.
        _uses.Note(second, Noon.AddMinutes(1), null);
        _fixture.Hooks.BeforeCommit = async _ => await _fixture.Store.Keys.RevokeAsync(second, Token);
        await _uses.FlushAsync(Token);
        Assert.Equal((0, 1), (await RowsAsync(), _uses.Pending));
        await _uses.FlushAsync(Token);
        Assert.Equal((0, 0), (await RowsAsync(), _uses.Pending));
        await _fixture.Store.Organizations.DeleteAsync("acme", Token);
    }

    /// <summary>Nobody is to think that a key is in use, or that somebody else has it, because another one had its id.</summary>
    [Theory]
    [InlineData(-1, false)]
    [InlineData(0, true)]
    [InlineData(1, true)]
    public async Task A_use_of_an_earlier_key_is_not_that_of_the_next_one_of_its_id(int minutes, bool isOwn)
    {
        await _fixture.OrganizationAsync("acme");
        _fixture.Clock.SetUtcNow(Noon.AddSeconds(30));
        await _fixture.Store.Keys.CreateAsync("acme", null, new AccessKeyRequest { Id = "GIVENKEY", SecretKey = "given-secret" }, Token);
        _uses.Note("GIVENKEY", Noon.AddMinutes(minutes), null);
        AccessKeyUse? expected = isOwn ? new AccessKeyUse(Noon.AddMinutes(minutes), null) : null;
        Assert.Equal(expected, await FindAsync("GIVENKEY"));
        await _uses.FlushAsync(Token);
        Assert.Equal((0, isOwn ? 1 : 0), (_uses.Pending, await RowsAsync()));
        Assert.Equal(expected, await FindAsync("GIVENKEY"));
    }

    [Fact]
    public async Task A_use_during_the_write_is_kept()
    {
        string key = await KeyAsync();
        _uses.Note(key, Noon, null);
        _fixture.Hooks.BeforeCommit = _ =>
        {
            _uses.Note(key, Noon.AddMinutes(1), null);
            return Task.CompletedTask;
        };
        await _uses.FlushAsync(Token);
        Assert.Equal(1, _uses.Pending);
        Assert.Equal(Noon.AddMinutes(1), (await FindAsync(key))!.Time);
    }

    [Fact]
    public async Task It_writes_every_minute_and_goes_on_after_a_failure()
    {
        string key = await KeyAsync();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var failed = new TaskCompletionSource();
        var written = new TaskCompletionSource();
        _fixture.Hooks.BeforeCommit = _ => throw new InvalidOperationException("full");
        Task run = _uses.RunAsync(_ => failed.TrySetResult(), stop.Token);
        _uses.Note(key, Noon, null);
        Assert.Equal(0, await RowsAsync());
        _fixture.Clock.Advance(AccessKeyUses.Every);
        await failed.Task.WaitAsync(Token);
        _fixture.Hooks.AfterCommit = _ =>
        {
            written.TrySetResult();
            return Task.CompletedTask;
        };
        while (!written.Task.IsCompleted)
        {
            // The timer's next tick is set up after the failure was reported.
            _fixture.Clock.Advance(AccessKeyUses.Every);
            await Task.Yield();
        }

        Assert.Equal(1, await RowsAsync());
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
    }

    private async Task<string> KeyAsync()
    {
        if (await _fixture.Store.Organizations.FindAsync("acme", Token) is null)
        {
            await _fixture.OrganizationAsync("acme");
        }

        return (await _fixture.Store.Keys.CreateAsync("acme", null, new AccessKeyRequest(), Token)).Key.Id;
    }

    private async Task<AccessKeyUse?> FindAsync(string key) => Assert.Single(await _uses.FindAsync([await FoundAsync(key)], Token));

    private async Task<AccessKey> FoundAsync(string key) =>
        await _fixture.Store.Keys.FindAsync(key, Token) ?? new AccessKey { Id = key, Organization = "acme", Created = DateTimeOffset.UnixEpoch };

    private async Task<int> RowsAsync() => (await _fixture.AllRowsAsync()).Count(static row => row.Key[0] == Tables.AccessKeyUse);
}
