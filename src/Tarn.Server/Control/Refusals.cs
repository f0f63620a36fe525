namespace Tarn.Server.Control;

/// <summary>Declares the error statuses of endpoints, for the OpenAPI document.</summary>
internal static class Refusals
{
    /// <summary>Declares that the endpoint may answer these statuses, each with a <see cref="Failure"/>.</summary>
    public static TBuilder Refuses<TBuilder>(this TBuilder builder, params int[] statuses)
        where TBuilder : IEndpointConventionBuilder
    {
        builder.Add(endpoint =>
        {
            foreach (int status in statuses)
            {
                Add(endpoint, status);
            }
        });
        return builder;
    }

    /// <summary>Declares one status.</summary>
    public static void Add(EndpointBuilder builder, int status) =>
        builder.Metadata.Add(new ProducesResponseTypeMetadata(status, typeof(Failure), [Answers.MediaType]));
}
