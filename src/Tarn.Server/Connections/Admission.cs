using Microsoft.AspNetCore.Http.Features;

namespace Tarn.Server.Connections;

/// <summary>Admits the requests of one listener within their budget, and marks their connections as busy meanwhile.</summary>
/// <param name="budget">The budget.</param>
/// <param name="busy">Answers requests that found no room.</param>
internal sealed class Admission(RequestBudget budget, RequestDelegate busy)
{
    public async Task RunAsync(HttpContext context, RequestDelegate next)
    {
        TrackedConnection connection = context.Features.GetRequiredFeature<TrackedConnection>();
        connection.BeginRequest();
        try
        {
            long cost = budget.CostOf(context);
            if (!budget.TryEnter(cost) && !await budget.WaitAsync(cost, context.RequestAborted))
            {
                await busy(context);
                return;
            }

            try
            {
                await next(context);
            }
            finally
            {
                budget.Leave(cost);
            }
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client disconnected while its request waited.
        }
        finally
        {
            connection.EndRequest();
        }
    }
}
