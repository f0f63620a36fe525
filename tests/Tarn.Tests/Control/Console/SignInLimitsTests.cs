using System.Globalization;
using System.Net;
using Microsoft.Extensions.Time.Testing;
using Tarn.Server.Control.Tarn;

namespace Tarn.Tests.Control.Console;

/// <summary>How often somebody may fail to sign in.</summary>
public sealed class SignInLimitsTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly SignInLimits _limits;

    public SignInLimitsTests() => _limits = new SignInLimits(_clock);

    [Fact]
    public void A_key_from_an_address_has_ten_attempts_and_another_each_minute()
    {
        Assert.Equal(SignInLimits.OfPair, Failures("key", "192.0.2.1"));
        Assert.Equal(TimeSpan.FromMinutes(1), Wait("key", "192.0.2.1"));
        _clock.Advance(TimeSpan.FromSeconds(59.5));
        Assert.Equal(TimeSpan.FromSeconds(1), Wait("key", "192.0.2.1"));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, Failures("key", "192.0.2.1"));
        Assert.Equal(SignInLimits.OfPair, Failures("other", "192.0.2.1"));
        Assert.Equal(SignInLimits.OfPair, Failures("key", "192.0.2.2"));
        _clock.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(SignInLimits.OfPair, Failures("key", "192.0.2.1"));
    }

    [Fact]
    public void An_address_has_sixty_attempts_whatever_the_keys()
    {
        Assert.Equal(SignInLimits.OfAddress, FailuresOfMany("192.0.2.1"));
        Assert.Equal(TimeSpan.FromSeconds(10), Wait("key", "192.0.2.1"));
        Assert.Null(Wait("key", "192.0.2.2"));
        _clock.Advance(TimeSpan.FromSeconds(20));
        Assert.Null(Wait("key", "192.0.2.1"));
        Assert.Null(Wait("another", "192.0.2.1"));
        Assert.NotNull(Wait("third", "192.0.2.1"));
    }

    /// <summary>Behind one address, such as a proxy's that is not trusted, whoever fails keeps out those who are new there: not those who signed in before, and nobody who has something else to show.</summary>
    [Fact]
    public void What_is_used_up_of_one_kind_is_not_of_another()
    {
        Succeed("known", "192.0.2.1");
        Assert.Equal(SignInLimits.OfAddress, FailuresOfMany("192.0.2.1"));
        Assert.NotNull(Wait("new", "192.0.2.1"));
        Assert.Equal(SignInLimits.OfKnown, Failures("known", "192.0.2.1"));
        Assert.Equal(SignInLimits.OfTokens, Failures(SignInKind.Token, "192.0.2.1"));
        Assert.Equal(SignInLimits.OfIssuers, Failures(SignInKind.Issuer, "192.0.2.1"));

        // And the other way about.
        Assert.Equal(SignInLimits.OfTokens, Failures(SignInKind.Token, "192.0.2.2"));
        Assert.Equal(SignInLimits.OfIssuers, Failures(SignInKind.Issuer, "192.0.2.2"));
        Assert.Equal(SignInLimits.OfAddress, FailuresOfMany("192.0.2.2"));
        Assert.Equal(TimeSpan.FromSeconds(1), Begin(SignInKind.Token, null, "192.0.2.1").Wait);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(10, Failures(SignInKind.Token, "192.0.2.1"));
        Assert.Equal(1, Failures(SignInKind.Issuer, "192.0.2.1"));
    }

    /// <summary>For ever, as long as whoever keeps others out goes on: each attempt that is forgiven is taken at once.</summary>
    [Fact]
    public void Who_signed_in_before_is_not_kept_out_by_strangers_who_go_on_and_on()
    {
        Succeed("known", "192.0.2.1");
        for (int i = 0; i < 1000; i++)
        {
            FailuresOfMany("192.0.2.1");
            Assert.Null(Wait("known", "192.0.2.1"));
            _clock.Advance(TimeSpan.FromSeconds(20));
        }
    }

    /// <summary>Who has a network of IPv6 has 2^64 addresses.</summary>
    [Theory]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    [InlineData("::ffff:192.0.2.1", "192.0.2.1", true)]
    [InlineData("::ffff:192.0.2.1", "::ffff:192.0.2.2", false)]
    [InlineData(null, null, true)]
    [InlineData(null, "192.0.2.1", false)]
    public void One_subscriber_is_one_address(string? one, string? other, bool isSame)
    {
        Failures("key", one);
        Assert.Equal(isSame, Wait("key", other) is not null);
    }

    [Fact]
    public void Who_succeeds_is_not_limited()
    {
        for (int i = 0; i < 1000; i++)
        {
            Succeed("key", "192.0.2.1");
        }

        Assert.Equal(SignInLimits.OfKnown, Failures("key", "192.0.2.1"));
    }

    /// <summary>What failed because of the server says nothing about who tried.</summary>
    [Theory]
    [InlineData(SignInKind.Key, SignInLimits.OfPair)]
    [InlineData(SignInKind.Token, SignInLimits.OfTokens)]
    [InlineData(SignInKind.Issuer, SignInLimits.OfIssuers)]
    internal void What_comes_to_nothing_does_not_count(SignInKind kind, int attempts)
    {
        for (int i = 0; i < 1000; i++)
        {
            SignInAttempt attempt = Begin(kind, kind == SignInKind.Key ? "key" : null, "192.0.2.1");
            Assert.Null(attempt.Wait);
            attempt.TakeBack();
        }

        Assert.Equal(attempts, kind == SignInKind.Key ? Failures("key", "192.0.2.1") : Failures(kind, "192.0.2.1"));
    }

    /// <summary>Attempts under way count as failed until they have succeeded.</summary>
    [Fact]
    public void Many_attempts_at_a_time_do_not_pass_together()
    {
        int begun = 0;
        Parallel.For(0, 1000, _ =>
        {
            if (Wait("key", "192.0.2.1") is null)
            {
                Interlocked.Increment(ref begun);
            }
        });
        Assert.Equal(SignInLimits.OfPair, begun);
    }

    /// <summary>Who attacks a key from everywhere keeps out those who come from elsewhere, while it lasts; not where its holder signed in before.</summary>
    [Fact]
    public void A_stranger_cannot_keep_the_holder_of_a_key_out_from_where_they_signed_in_before()
    {
        Succeed("key", "192.0.2.1");
        int failures = 0;
        for (int i = 0; i < 256; i++)
        {
            for (int j = 0; j < 4 && Wait("key", $"198.51.100.{i}") is null; j++)
            {
                failures++;
            }
        }

        Assert.Equal(SignInLimits.OfKey, failures);
        Assert.Equal(TimeSpan.FromSeconds(5), Wait("key", "203.0.113.1"));
        Assert.Null(Wait("other", "203.0.113.1"));
        Assert.Null(Wait("key", "192.0.2.1"));
        _clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Null(Wait("key", "203.0.113.1"));
        _clock.Advance(SignInLimits.KnownFor);
        for (int i = 0; i < 256; i++)
        {
            Failures("key", $"198.51.100.{i}");
        }

        Assert.NotNull(Wait("key", "192.0.2.1"));
    }

    [Fact]
    public void Whatever_is_sent_what_is_remembered_is_bounded_and_of_those_who_failed_most_the_longest()
    {
        Failures("victim", "192.0.2.1");
        for (int i = 0; i < 3 * SignInLimits.MaxRemembered; i++)
        {
            string address = new IPAddress(BitConverter.GetBytes(i)).ToString();
            SignInAttempt attempt = Begin(SignInKind.Key, "key-" + i.ToString(CultureInfo.InvariantCulture), address);
            Begin(SignInKind.Token, null, address);
            Begin(SignInKind.Issuer, null, address);
            if (i % 2 == 0)
            {
                attempt.Succeed();
                Wait("key-" + i.ToString(CultureInfo.InvariantCulture), address);
            }
        }

        Assert.InRange(_limits.Count, SignInLimits.MaxRemembered, SignInLimits.Tables * SignInLimits.MaxRemembered);
        Assert.NotNull(Wait("victim", "192.0.2.1"));
    }

    private void Succeed(string key, string address)
    {
        SignInAttempt attempt = Begin(SignInKind.Key, key, address);
        Assert.Null(attempt.Wait);
        attempt.Succeed();
    }

    /// <summary>Fails until no more attempt is allowed; returns how many were.</summary>
    private int Failures(string key, string? address) => Failures(() => Wait(key, address));

    private int Failures(SignInKind kind, string address) => Failures(() => Begin(kind, null, address).Wait);

    private int FailuresOfMany(string address)
    {
        int number = 0;
        return Failures(() => Wait($"key-{number++}", address));
    }

    private static int Failures(Func<TimeSpan?> fail)
    {
        int failures = 0;
        while (fail() is null)
        {
            failures++;
        }

        return failures;
    }

    private TimeSpan? Wait(string key, string? address) => Begin(SignInKind.Key, key, address).Wait;

    private SignInAttempt Begin(SignInKind kind, string? key, string? address) => _limits.Begin(kind, key, address is null ? null : IPAddress.Parse(address));
}
