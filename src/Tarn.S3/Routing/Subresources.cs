namespace Tarn.S3.Routing;

/// <summary>The query parameters by which operations name a sub-resource.</summary>
internal static class Subresources
{
    /// <summary>Every sub-resource of S3's, built or not, whatever its target.</summary>
    public static IEnumerable<string> All => Enum.GetValues<S3Target>().SelectMany(Of).Distinct();

    /// <summary>The sub-resources that these operations have on one kind of target.</summary>
    public static IEnumerable<string> Of(IEnumerable<S3Operation> operations, S3Target target) => operations
        .Where(row => row.Target == target)
        .SelectMany(row => row.Query)

        // A parameter with a demanded value (list-type=2) chooses between rows but is no resource of its own; nor is one of many by its id.
        .Where(static name => !name.Contains('=') && name is not ("partNumber" or "id" or "annotationName"))
        .Distinct();

    private static IEnumerable<string> Of(S3Target target) => Of(OperationTable.Rows.Concat(UnbuiltOperations.Rows), target);
}
