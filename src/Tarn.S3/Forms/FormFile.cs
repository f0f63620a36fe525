using System.Buffers;
using Tarn.Core.Objects.Writing;

namespace Tarn.S3.Forms;

/// <summary>The file of a form as an upload. It ends where the whole request ends, so that nothing is stored of one that is malformed further on.</summary>
/// <param name="reader">At the beginning of the file's content.</param>
/// <param name="least">Bytes that the file must have.</param>
internal sealed class FormFile(MultipartFormReader reader, long least) : IUploadBody
{
    private long _size;

    /// <summary>Not known before it ends: what follows the file has a length too.</summary>
    public long? Length => null;

    public long Received => reader.Received;

    public IReadOnlyDictionary<string, string> Trailers { get; } = new Dictionary<string, string>();

    public async ValueTask<ReadOnlySequence<byte>> ReadAsync(CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte> run = await reader.ReadAsync(cancellationToken);
        _size += run.Length;
        if (!run.IsEmpty)
        {
            return new ReadOnlySequence<byte>(run);
        }

        while (await reader.NextAsync(cancellationToken) is { } part)
        {
            // Fields after the file are ignored, as the submit button of a form often is one; a second file is not.
            if (part.Name.Equals(FormFields.File, StringComparison.OrdinalIgnoreCase))
            {
                throw FormErrors.NotOneFile(2);
            }
        }

        return _size < least ? throw FormErrors.TooSmall(_size, least) : ReadOnlySequence<byte>.Empty;
    }
}
