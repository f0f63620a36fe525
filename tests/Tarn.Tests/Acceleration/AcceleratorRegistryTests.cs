using System.Globalization;
using Microsoft.Extensions.Time.Testing;
using Tarn.Core.Acceleration;
using Tarn.Server.Acceleration;
using Tarn.TestKit.Stores;

namespace Tarn.Tests.Acceleration;

/// <summary>What the registry has room for, and who is told of whom, is shared by the tokens: none of them shuts others out.</summary>
public sealed class AcceleratorRegistryTests
{
    private static readonly AcceleratorSecrets Keys = new(new byte[AcceleratorSecrets.Size]);

    private readonly FakeTimeProvider _clock = new();
    private readonly AcceleratorRegistry _registry;
    private int _made;

    public AcceleratorRegistryTests() => _registry = new AcceleratorRegistry(_clock, new SeededRandomSource(1));

    [Fact]
    public void A_token_that_fills_the_registry_gives_up_its_silent_ones_to_others()
    {
        AcceleratorToken greedy = TokenOf('a'), other = TokenOf('b'), third = TokenOf('c');
        string[] filled = [.. Enumerable.Range(0, AcceleratorRegistry.MaxAccelerators).Select(_ => RegisterNew(greedy)!)];
        Assert.Null(RegisterNew(greedy));
        Assert.Equal(AcceleratorRegistry.MaxAccelerators, CountOf(greedy));

        // All but one of them have been heard of since.
        _clock.Advance(AcceleratorRegistry.Heartbeat);
        string silent = filled[1234];
        foreach (string instance in filled.Where(each => each != silent))
        {
            Assert.True(Register(instance, greedy));
        }

        Assert.NotNull(RegisterNew(other));
        Assert.DoesNotContain(_registry.List(), each => each.Said.Instance == silent);

        // What it gave up it does not get back.
        Assert.False(Register(silent, greedy));
        for (int more = 1; more < AcceleratorRegistry.MaxAccelerators / 2; more++)
        {
            Assert.NotNull(RegisterNew(other));
        }

        Assert.Equal((AcceleratorRegistry.MaxAccelerators / 2, AcceleratorRegistry.MaxAccelerators / 2), (CountOf(greedy), CountOf(other)));
        Assert.Null(RegisterNew(other));
        Assert.Null(RegisterNew(greedy));
        Assert.NotNull(RegisterNew(third));
        Assert.NotNull(RegisterNew(third));
        Assert.Equal((AcceleratorRegistry.MaxAccelerators / 2) - 1, CountOf(greedy));
        Assert.Equal((AcceleratorRegistry.MaxAccelerators / 2) - 1, CountOf(other));
        Assert.Equal(AcceleratorRegistry.MaxAccelerators, _registry.List().Count);
    }

    [Fact]
    public void Tokens_with_one_accelerator_each_are_not_taken_from()
    {
        for (int i = 0; i < AcceleratorRegistry.MaxAccelerators; i++)
        {
            Assert.NotNull(RegisterNew(TokenOf('a', i)));
        }

        Assert.Null(RegisterNew(TokenOf('b')));
    }

    [Fact]
    public void Of_more_accelerators_than_are_named_each_token_has_as_many_as_any_other()
    {
        AcceleratorToken greedy = TokenOf('a'), other = TokenOf('b');
        for (int i = 0; i < 2 * RegistrationAnswer.MaxPeers; i++)
        {
            RegisterNew(greedy, shares: true);
        }

        string[] others = [RegisterNew(other, shares: true)!, RegisterNew(other, shares: true)!];
        IReadOnlyList<AcceleratorPeer> told = Answer(NewInstance(), TokenOf('c'), shares: true)!.Peers!;
        Assert.Equal(RegistrationAnswer.MaxPeers, told.Count);
        Assert.Equal(told.Count, told.DistinctBy(static peer => peer.Instance).Count());
        Assert.Equal(others, told.Select(static peer => peer.Instance).Intersect(others));
    }

    /// <summary>Everybody that shares with an accelerator is told its instance, and after a restart of the server may be the first to say it.</summary>
    [Fact]
    public void Whoever_says_to_be_an_instance_first_does_not_shut_out_the_one_with_another_token()
    {
        AcceleratorToken thief = TokenOf('a'), owner = TokenOf('b'), third = TokenOf('c');
        string instance = NewInstance();
        Assert.NotNull(Answer(instance, thief, shares: true));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.NotNull(Answer(instance, owner, shares: true));
        Assert.True(Register(instance, thief));
        Assert.Equal((1, 1), (CountOf(thief), CountOf(owner)));

        // Peers are told of it once, and when the first is gone, of the other.
        Assert.Single(Answer(NewInstance(), third, shares: true)!.Peers!);
        _registry.Forget(thief.Id);
        Assert.True(Register(instance, owner));
        Assert.Equal((0, 1), (CountOf(thief), CountOf(owner)));
    }

    [Fact]
    public void With_a_token_that_was_revoked_nobody_registers_again()
    {
        AcceleratorToken token = TokenOf('a');
        string instance = RegisterNew(token)!;
        _registry.Forget(token.Id);
        Assert.False(Register(instance, token));
        Assert.Null(RegisterNew(token));
        Assert.Empty(_registry.List());
        Assert.NotNull(RegisterNew(TokenOf('b')));
    }

    private int CountOf(AcceleratorToken token) => _registry.List().Count(each => each.Token.Id == token.Id);

    private string NewInstance() => _made++.ToString("x32", CultureInfo.InvariantCulture);

    /// <summary>Registers one more; its instance, or null when it is refused.</summary>
    private string? RegisterNew(AcceleratorToken token, bool shares = false)
    {
        string instance = NewInstance();
        return Answer(instance, token, shares) is not null ? instance : null;
    }

    private bool Register(string instance, AcceleratorToken token) => Answer(instance, token, shares: false) is not null;

    private RegistrationAnswer? Answer(string instance, AcceleratorToken token, bool shares) => _registry.Register(
        new AcceleratorRegistration
        {
            Instance = instance, Name = "gpu", Zone = token.Zone, Domains = [], Version = "1.0", Peer = shares ? "gpu.local:9100" : null, Certificate = shares ? new string('c', 64) : null,
        },
        token, null, Keys, [], out _);

    private static AcceleratorToken TokenOf(char name, int number = 0) => new()
    {
        Id = name + number.ToString("x63", CultureInfo.InvariantCulture), Name = name.ToString(), Zone = AcceleratorNames.DefaultZone, Suffix = "abcd", Created = default, CreatedBy = "arn:test",
    };
}
