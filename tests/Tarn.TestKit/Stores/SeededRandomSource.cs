using Tarn.Core;

namespace Tarn.TestKit.Stores;

/// <summary>Random bits that a seed replays, from any number of threads.</summary>
public sealed class SeededRandomSource(int seed) : IRandomSource
{
    private readonly Lock _lock = new();
    private readonly Random _random = new(seed);

    public void Fill(Span<byte> destination)
    {
        lock (_lock)
        {
            _random.NextBytes(destination);
        }
    }
}
