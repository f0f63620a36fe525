using Microsoft.Extensions.Time.Testing;
using Tarn.Server.Accelerator.Peers;

namespace Tarn.Tests.Accelerator;

public sealed class PeerCircuitTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly PeerCircuit _circuit;

    public PeerCircuitTests() => _circuit = new PeerCircuit(_time);

    [Fact]
    public void One_that_is_well_is_asked_as_often_as_one_likes() => Assert.All(Enumerable.Range(0, 10), _ => Assert.True(_circuit.TryEnter()));

    [Fact]
    public void One_that_fails_again_and_again_is_left_alone_for_longer_up_to_a_limit()
    {
        _circuit.Failed();
        foreach (int seconds in (int[])[5, 10, 20, 40, 80, 80])
        {
            _time.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromMilliseconds(1));
            Assert.False(_circuit.TryEnter());
            _time.Advance(TimeSpan.FromMilliseconds(1));
            Assert.True(_circuit.TryEnter());

            // The others wait for what becomes of this one.
            Assert.False(_circuit.TryEnter());
            _circuit.Failed();
            Assert.False(_circuit.TryEnter());
        }
    }

    [Fact]
    public void One_that_gives_what_it_is_asked_for_is_well_again()
    {
        _circuit.Failed();
        _time.Advance(PeerCircuit.Shortest);
        Assert.True(_circuit.TryEnter());
        _circuit.Succeeded();
        Assert.True(_circuit.TryEnter());
        Assert.True(_circuit.TryEnter());
        _circuit.Failed();
        _time.Advance(PeerCircuit.Shortest);
        Assert.True(_circuit.TryEnter());
    }

    [Fact]
    public void Requests_that_fail_together_count_as_one_failure()
    {
        for (int i = 0; i < 5; i++)
        {
            _circuit.Failed();
        }

        _time.Advance(PeerCircuit.Shortest);
        Assert.True(_circuit.TryEnter());
    }

    [Fact]
    public void A_try_of_which_nothing_is_heard_is_made_again()
    {
        _circuit.Failed();
        _time.Advance(PeerCircuit.Shortest);
        Assert.True(_circuit.TryEnter());
        _time.Advance(PeerCircuit.Shortest);
        Assert.True(_circuit.TryEnter());
    }
}
