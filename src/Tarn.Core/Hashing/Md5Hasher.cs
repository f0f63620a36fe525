using System.Buffers;
using Tarn.Core.Hashing.Lanes;

namespace Tarn.Core.Hashing;

/// <summary>Computes MD5 with a state that a lane can continue, so that several streams are hashed at once.</summary>
internal sealed class Md5Hasher(Md5Scheduler scheduler) : StreamHasher
{
    /// <summary>Fewer bytes than this are hashed before another thread would have begun.</summary>
    private const int HandOverMinimum = 4096;

    private readonly Md5Job _job = new();

    public override int HashSize => Md5State.HashSize;

    public override void Append(ReadOnlySpan<byte> data)
    {
        ThrowIfUnusable();
        _job.State.Append(data);
    }

    public override ValueTask AppendAsync(ReadOnlySequence<byte> data)
    {
        if (data.Length < HandOverMinimum)
        {
            Append(data);
            return default;
        }

        ThrowIfUnusable();
        ValueTask end = _job.Begin(data);
        scheduler.Submit(_job);
        return end;
    }

    public override void Finish(Span<byte> destination)
    {
        ThrowIfUnusable();
        _job.State.Finish(destination);
    }

    private void ThrowIfUnusable()
    {
        if (_job.IsActive || _job.IsFailed)
        {
            throw new InvalidOperationException(_job.IsActive ? "The bytes before are still being hashed." : "Hashing has failed.");
        }
    }
}
