using Tarn.S3.Archives;
using Tarn.Server.Control;
using Tarn.Server.Control.Tarn;
using Tarn.TestKit.Clocks;
using Tarn.TestKit.Stores;

namespace Tarn.Tests.Archives;

/// <summary>How many archives are prepared, wait and are fetched at a time: of a requester, of an organization, and in all.</summary>
public sealed class PendingArchivesTests
{
    private readonly PendingArchives _archives = new(new SeededRandomSource(1), new ShiftedTimeProvider());

    [Fact]
    public void A_requester_prepares_two_at_a_time_with_whatever_sessions()
    {
        PreparedArchive first = _archives.BeginPreparing(Of("acme", "ann"));
        _archives.BeginPreparing(Of("acme", "ann", "session"));
        Assert.Equal(429, Refused(() => _archives.BeginPreparing(Of("acme", "ann", "another"))));
        _archives.BeginPreparing(Of("acme", "bob"));
        first.Dispose();
        _archives.BeginPreparing(Of("acme", "ann", "another"));
    }

    [Fact]
    public void An_organization_prepares_a_quarter_of_what_all_do()
    {
        Assert.Equal(4, PendingArchives.MaxPreparedOfOrganization);
        var turns = new List<PreparedArchive>();
        foreach (string organization in (string[])["acme", "globex", "initech", "umbrella"])
        {
            turns.AddRange(Enumerable.Range(0, PendingArchives.MaxPreparedOfOrganization).Select(i => _archives.BeginPreparing(Of(organization, $"user-{i}"))));
            Assert.Equal(429, Refused(() => _archives.BeginPreparing(Of(organization, "another"))));
        }

        Assert.Equal(PendingArchives.MaxPrepared, turns.Count);
        Assert.Equal(429, Refused(() => _archives.BeginPreparing(Of("fifth", "ann"))));
        turns[0].Dispose();
        _archives.BeginPreparing(Of("fifth", "ann"));
    }

    /// <summary>Those that are being fetched count, too: their keys are in memory until they are sent.</summary>
    [Fact]
    public void An_organization_has_a_quarter_of_the_length_of_all_keys()
    {
        string first = Add("acme", "ann", PendingArchives.MaxLengthOfOrganization / 2);
        Add("acme", "bob", PendingArchives.MaxLengthOfOrganization / 2);
        Assert.Equal(429, Refused(() => Add("acme", "eve", 1)));
        Assert.True(_archives.TryTake(first, Of("acme", "ann"), out PendingArchive? fetched));
        Assert.Equal(429, Refused(() => Add("acme", "eve", 1)));
        foreach (string organization in (string[])["globex", "initech", "umbrella"])
        {
            Add(organization, "ann", PendingArchives.MaxLengthOfOrganization);
        }

        Assert.Equal(429, Refused(() => Add("fifth", "ann", 1)));
        _archives.Release(fetched);
        Add("fifth", "ann", PendingArchives.MaxLengthOfOrganization / 2);
    }

    [Fact]
    public void An_organization_fetches_a_quarter_of_what_all_do()
    {
        Assert.Equal(8, PendingArchives.MaxFetchedOfOrganization);
        PendingArchive[] fetched = [.. Enumerable.Range(0, PendingArchives.MaxFetchedOfOrganization).Select(i => Take("acme", $"user-{i}"))];
        string id = Add("acme", "another", 1);
        Assert.Equal(429, Refused(() => _archives.TryTake(id, Of("acme", "another"), out _)));
        Take("globex", "ann");
        _archives.Release(fetched[3]);
        Assert.True(_archives.TryTake(id, Of("acme", "another"), out _));
    }

    [Fact]
    public void Only_who_asked_for_an_archive_takes_it()
    {
        string id = Add("acme", "ann", 1);
        foreach (ArchiveOwner other in (ArchiveOwner[])[Of("globex", "ann"), Of("acme", "bob"), Of("acme", "ann", "session"), Of("acme", "ann") with { UserId = "other" }])
        {
            Assert.False(_archives.TryTake(id, other, out _));
        }

        Assert.True(_archives.TryTake(id, Of("acme", "ann"), out _));
        Assert.False(_archives.TryTake(id, Of("acme", "ann"), out _));
    }

    private static ArchiveOwner Of(string organization, string user, string credential = "key") => new(organization, $"arn:aws:iam::{organization}:user/{user}", user, credential);

    private static int Refused(Action action) => Assert.Throws<ControlRefusalException>(action).Status;

    private string Add(string organization, string user, long length) =>
        _archives.Add(new PendingArchive(Of(organization, user), "data", "1", [new ArchiveKey(new string('k', (int)length), 1)], ""));

    private PendingArchive Take(string organization, string user)
    {
        Assert.True(_archives.TryTake(Add(organization, user, 1), Of(organization, user), out PendingArchive? taken));
        return taken;
    }
}
