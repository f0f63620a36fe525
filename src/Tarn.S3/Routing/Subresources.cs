namespace Tarn.S3.Routing;

/// <summary>The query parameters that name sub-resources.</summary>
internal static class Subresources
{
    /// <summary>All of S3's sub-resources, implemented or not, of buckets and objects.</summary>
    public static IEnumerable<string> All => Enum.GetValues<S3Target>().SelectMany(Of).Distinct();

    /// <summary>The sub-resources that these operations have on one kind of target.</summary>
    public static IEnumerable<string> Of(IEnumerable<S3Operation> operations, S3Target target) => operations
        .Where(row => row.Target == target)
        .SelectMany(row => row.Query)

        // A parameter with a required value (list-type=2) selects a row but is not a sub-resource; neither is an id.
        .Where(static name => !name.Contains('=') && name is not ("partNumber" or "id" or "annotationName"))
        .Distinct();

    private static IEnumerable<string> Of(S3Target target) => Of(OperationTable.Rows.Concat(UnbuiltOperations.Rows), target);
}
