namespace Tarn.Server.Control;

/// <summary>A query parameter that an endpoint reads by <see cref="ControlRequest.Query"/>, for the OpenAPI document.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Description">Its description, a sentence.</param>
internal sealed record QueryParameter(string Name, string Description)
{
    /// <summary>The largest value of a whole number, from 1; null for text.</summary>
    public int? Max { get; init; }
}

/// <summary>Declares the query parameters and the bodies of endpoints.</summary>
internal static class QueryParameters
{
    /// <summary>Declares a parameter. An undeclared parameter cannot be read.</summary>
    public static RouteHandlerBuilder WithQuery(this RouteHandlerBuilder builder, string name, string description) =>
        builder.WithMetadata(new QueryParameter(name, description)).Refuses(StatusCodes.Status400BadRequest);

    /// <summary>Declares the parameters of a list that comes in pages.</summary>
    public static RouteHandlerBuilder WithPaging(this RouteHandlerBuilder builder) => builder
        .WithMetadata(new QueryParameter("limit", "The largest number of items in the answer; by default 1000.") { Max = ControlRequest.MaxPage })
        .WithQuery("cursor", "Where to continue: nextCursor of the previous answer.");
}
