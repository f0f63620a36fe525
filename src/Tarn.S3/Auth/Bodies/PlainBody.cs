using System.Buffers;
using Tarn.Core.Errors;
using Tarn.Core.Objects.Writing;

namespace Tarn.S3.Auth.Bodies;

/// <summary>A body without framing: its bytes are passed on without copying, and it must end at the declared length.</summary>
internal class PlainBody(BodyPipe pipe, long? length) : IUploadBody
{
    private SequencePosition _given;
    private long _received;
    private bool _holding;
    private bool _ended;

    public long? Length => length;

    public long Received => pipe.Received;

    public IReadOnlyDictionary<string, string> Trailers => NoTrailers.Instance;

    public async ValueTask<ReadOnlySequence<byte>> ReadAsync(CancellationToken cancellationToken)
    {
        Release();
        while (!_ended)
        {
            var result = await pipe.ReadAsync(cancellationToken).ConfigureAwait(false);
            var buffer = result.Buffer;
            if (!buffer.IsEmpty)
            {
                _received += buffer.Length;
                _given = buffer.End;
                _holding = true;
                if (_received > length)
                {
                    throw new S3Exception(S3Error.IncompleteBody);
                }

                OnBytes(buffer);
                return buffer;
            }

            pipe.AdvanceTo(buffer.End);
            if (result.IsCompleted)
            {
                if (length is { } declared && _received != declared)
                {
                    throw new S3Exception(S3Error.IncompleteBody);
                }

                OnEnd();
                _ended = true;
            }
        }

        return ReadOnlySequence<byte>.Empty;
    }

    public void Abandon()
    {
        _holding = false;
        pipe.Abandon();
    }

    /// <summary>Called with every byte once, in order, before it is passed on.</summary>
    protected virtual void OnBytes(in ReadOnlySequence<byte> bytes)
    {
    }

    /// <summary>Called once after the last byte; throws when the bytes do not match what was declared.</summary>
    protected virtual void OnEnd()
    {
    }

    private void Release()
    {
        if (_holding)
        {
            _holding = false;
            pipe.AdvanceTo(_given);
        }
    }
}
