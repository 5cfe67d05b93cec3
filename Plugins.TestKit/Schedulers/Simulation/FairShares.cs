namespace Hospes.TestKit.Schedulers.Simulation;

/// <summary>What proportional sharing means: the shares that weighted domains of hogs ought to get.</summary>
public static class FairShares
{
    /// <summary>
    /// Shares in pCPUs, proportional to weight, none above what its vCPUs (or its cap) can use; what one cannot use goes to the others by weight.
    /// </summary>
    /// <param name="pcpus">How many pCPUs there are.</param>
    /// <param name="domains">Each domain's weight and the most it can use, in pCPUs.</param>
    public static double[] Ideal(int pcpus, params (double Weight, double Most)[] domains)
    {
        double[] shares = new double[domains.Length];
        List<int> open = [.. Enumerable.Range(0, domains.Length)];
        double left = pcpus;
        while (open.Count > 0)
        {
            double weights = open.Sum(domain => domains[domain].Weight);
            double perWeight = left / weights;
            List<int> full = [.. open.Where(domain => domains[domain].Most <= domains[domain].Weight * perWeight)];
            foreach (int domain in full.Count > 0 ? full : open)
            {
                shares[domain] = full.Count > 0 ? domains[domain].Most : domains[domain].Weight * perWeight;
                left -= shares[domain];
            }
            if (full.Count == 0)
                break;
            open.RemoveAll(full.Contains);
        }
        return shares;
    }

    /// <summary>The largest deviation of a share from its ideal, as a fraction of the ideal.</summary>
    public static double Error(IReadOnlyList<double> ideal, IReadOnlyList<double> measured) =>
        ideal.Zip(measured, static (wanted, got) => Math.Abs(wanted - got) / wanted).Max();
}
