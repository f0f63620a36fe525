using System.Buffers;
using Tarn.Core.Objects.Writing;

namespace Tarn.S3.Forms;

/// <summary>The file of a form as an upload. It ends with the whole request, so that nothing is stored when a later part is malformed.</summary>
/// <param name="reader">The form's reader, at the beginning of the file's content.</param>
/// <param name="least">The minimum size of the file, in bytes.</param>
internal sealed class FormFile(MultipartFormReader reader, long least) : IUploadBody
{
    private long _size;

    /// <summary>Not known before the end: the parts after the file have an unknown length.</summary>
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
            // Fields after the file are ignored, since a form's submit button is often one; a second file is refused.
            if (part.Name.Equals(FormFields.File, StringComparison.OrdinalIgnoreCase))
            {
                throw FormErrors.NotOneFile(2);
            }
        }

        return _size < least ? throw FormErrors.TooSmall(_size, least) : ReadOnlySequence<byte>.Empty;
    }
}
