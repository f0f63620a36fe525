using Tarn.S3.Requests;
using Tarn.S3.Wire;

namespace Tarn.S3.Operations.Disks;

/// <summary>GET ?tagging of a file: files have no tags.</summary>
internal sealed class DiskFileTagging(DiskObject files) : IOperation
{
    public async Task ExecuteAsync(S3Context context)
    {
        await files.LookAsync(context, context.FoundDisk!);
        await ResponseXml.WriteAsync(context, TaggingXml.Document([]));
    }
}
