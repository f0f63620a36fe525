using System.Buffers;
using System.IO.Pipelines;
using System.Security.Cryptography;
using Tarn.Core.Errors;
using Tarn.S3.Auth.Bodies;

namespace Tarn.Server.Control;

/// <summary>
/// Reads bodies of any length as they arrive, for as long as they arrive at a minimum rate, and verifies them. Only so many at a time, and not all of them for one organization:
/// the control address must stay reachable.
/// </summary>
internal sealed class StreamedBodies(TimeProvider time)
{
    /// <summary>The maximum number of bodies that are read at a time.</summary>
    public const int MaxBodies = 32;

    /// <summary>The maximum number of bodies that are read at a time for the disks of one organization.</summary>
    public const int MaxOfOrganization = 16;

    /// <summary>How long the next bytes of a body may take.</summary>
    public static readonly TimeSpan Stall = TimeSpan.FromSeconds(60);

    private const string Sha256Header = "x-amz-content-sha256";
    private const string NotHashed = "UNSIGNED-PAYLOAD";

    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _taken = [];
    private int _all;

    /// <summary>A request's body. Nothing is read yet, so that a client that waits for <c>100 Continue</c> can be refused before it sends anything.</summary>
    /// <exception cref="ControlRefusalException">400: the header with the body's hash is not one.</exception>
    public StreamedBody Of(ControlRequest request)
    {
        HttpRequest http = request.Http.Request;
        string? claimed = request.SignedSha256 ?? http.Headers[Sha256Header].ToString();
        if (string.IsNullOrEmpty(claimed) || claimed == NotHashed)
        {
            claimed = null;
        }

        return new StreamedBody(request, new BodyPipe(http.BodyReader, time, Stall), claimed is null ? null : Sha256(claimed, Sha256Header));
    }

    /// <summary>Takes a place for a body that is now read, until the result is disposed: whoever still waits for something else needs none.</summary>
    /// <param name="organization">The id of the organization of the disk.</param>
    /// <exception cref="ControlRefusalException">429: too many are being read.</exception>
    public IDisposable Enter(string organization)
    {
        lock (_gate)
        {
            int taken = _taken.GetValueOrDefault(organization);
            if (_all >= MaxBodies || taken >= MaxOfOrganization)
            {
                int most = taken >= MaxOfOrganization ? MaxOfOrganization : MaxBodies;
                throw new ControlRefusalException(StatusCodes.Status429TooManyRequests, $"at most {most} files are received at a time; try again");
            }

            _all++;
            _taken[organization] = taken + 1;
            return new Place(this, organization);
        }
    }

    /// <summary>Reads a SHA-256 in hexadecimal.</summary>
    /// <exception cref="ControlRefusalException">400: it is not one.</exception>
    public static byte[] Sha256(string text, string what) =>
        text.Length == 2 * SHA256.HashSizeInBytes && text.All(char.IsAsciiHexDigit)
            ? Convert.FromHexString(text)
            : throw ControlRefusalException.BadRequest($"{what} must be a SHA-256 in hexadecimal");

    private void Leave(string organization)
    {
        lock (_gate)
        {
            _all--;
            if (--_taken[organization] == 0)
            {
                _taken.Remove(organization);
            }
        }
    }

    private sealed class Place(StreamedBodies bodies, string organization) : IDisposable
    {
        private int _left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _left, 1) == 0)
            {
                bodies.Leave(organization);
            }
        }
    }
}

/// <summary>A body that is read as it arrives.</summary>
internal sealed class StreamedBody(ControlRequest request, BodyPipe pipe, byte[]? sha256)
{
    /// <summary>Whether its hash was claimed in advance: then nothing of it counts before it was compared.</summary>
    public bool IsHashed => sha256 is not null;

    /// <summary>Reads the body to its end.</summary>
    /// <param name="take">Is given the bytes in order.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    /// <exception cref="ControlRefusalException">401, 400: it is not the body that was signed or announced. 408: it stalls, or comes too slowly.</exception>
    /// <exception cref="S3Exception">IncompleteBody: the connection broke.</exception>
    public async Task ReadAsync(Func<ReadOnlySequence<byte>, ValueTask> take, CancellationToken cancellationToken)
    {
        using IncrementalHash? hash = IsHashed ? IncrementalHash.CreateHash(HashAlgorithmName.SHA256) : null;
        try
        {
            while (true)
            {
                ReadResult read = await pipe.ReadAsync(cancellationToken);
                foreach (ReadOnlyMemory<byte> segment in hash is null ? default : read.Buffer)
                {
                    hash!.AppendData(segment.Span);
                }

                if (!read.Buffer.IsEmpty)
                {
                    await take(read.Buffer);
                }

                pipe.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                {
                    break;
                }
            }
        }
        catch (S3Exception e) when (e.Error == S3Error.RequestTimeout)
        {
            throw new ControlRefusalException(StatusCodes.Status408RequestTimeout, "the body stalled, or came too slowly");
        }
        finally
        {
            pipe.Abandon();
            request.BodyBytes = pipe.Received;
        }

        if (hash is not null && !hash.GetHashAndReset().AsSpan().SequenceEqual(sha256))
        {
            throw request.SignedSha256 is not null
                ? ControlRefusalException.Unauthorized("the body is not the one that was signed")
                : ControlRefusalException.BadRequest("the body does not have the SHA-256 that its header names");
        }
    }
}
