using Tarn.Core.Errors;
using Tarn.S3.Requests;
using Tarn.S3.Wire;

namespace Tarn.S3.Operations.Disks;

/// <summary>Answers a read of a setting that disks do not have as S3 answers for one that is not set.</summary>
internal sealed class DiskSetting : IOperation
{
    private readonly S3Error? _error;
    private readonly XmlContent? _document;

    public DiskSetting(S3Error error) => _error = error;

    public DiskSetting(XmlContent document) => _document = document;

    public Task ExecuteAsync(S3Context context) => _document is { } document
        ? ResponseXml.WriteAsync(context, document)
        : throw new S3Exception(_error!)
        {
            Details = context.Query["uploadId"] is { } upload ? [new("UploadId", upload)] : [new("BucketName", context.AnyBucket.Name)],
        };
}
