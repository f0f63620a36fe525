using Tarn.S3.Routing;
using Tarn.TestKit.Servers;

namespace Tarn.Tests.Golden;

/// <summary>
/// The requests of all operations, from S3's own model. Golden/s3-model.tsv is the output of tests/Tarn.Clients/js/model.mjs for the AWS SDK
/// for JavaScript; a test of Tarn.Clients compares it with the package that is installed.
/// </summary>
internal sealed record S3Model(string Name, string Method, S3Target Target, string[] Query, string[] Headers, string[] Parameters)
{
    public static IReadOnlyList<S3Model> Operations { get; } =
    [
        .. File.ReadLines(Path.Combine(RepositoryLayout.Root, "tests/Tarn.Tests/Golden/s3-model.tsv")).Skip(1).Select(line => Parse(line.Split('\t'))),
    ];

    public static S3Model? Find(string name) => Operations.FirstOrDefault(operation => operation.Name == name);

    private static S3Model Parse(string[] columns) => new(
        columns[0],
        columns[1],
        columns[2] switch
        {
            "/" => S3Target.Service,
            "/{Bucket}/{Key+}" => S3Target.Object,
            _ => S3Target.Bucket,
        },
        Split(columns[3], '&'),
        Split(columns[4], ' '),
        Split(columns[5], ' '));

    private static string[] Split(string column, char separator) => column == "-" ? [] : column.Split(separator);
}
