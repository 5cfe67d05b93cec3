using Hospes.Sdk;

namespace Hospes.Schedulers.Credit;

/// <summary>
/// Hands out credit once per period: each active domain by its weight, no more than its vCPUs or its cap can use, what is over to the others (fact
/// sheet "CPU schedulers", 2.4).
/// </summary>
/// <remarks>
/// Three things differ from the sheet, all for exact shares. A credit is a nanosecond of CPU time, and what is handed out is for the time that has
/// really passed, so a late accounting favours nobody. A runnable vCPU that has saved more than a slice keeps a slice of it and stays
/// active: it is owed that time. Only one that sleeps leaves. And debts of capped vCPUs are never forgiven.
/// </remarks>
internal sealed class Accounting(CreditOptions options)
{
    private readonly List<CreditDomain> _order = [];
    private long _balance;

    /// <summary>One period.</summary>
    /// <param name="domains">All there are.</param>
    /// <param name="pcpus">How many pCPUs there are.</param>
    /// <param name="period">How long it was.</param>
    internal void Run(IReadOnlyCollection<CreditDomain> domains, int pcpus, Nanoseconds period)
    {
        _order.RemoveAll(domain => domain.Active == 0 || !domains.Contains(domain));
        _order.AddRange(domains.Where(domain => domain.Active > 0 && !_order.Contains(domain)));
        long weights = _order.Sum(static domain => domain.Weight);
        long credit = period.Value * pcpus + Math.Max(0, -_balance);
        long owed = Math.Max(0, -_balance);
        long left = weights;
        long balance = 0;
        bool wantsMore = false;
        foreach (CreditDomain domain in _order.ToList())
        {
            left -= domain.Weight;
            int active = domain.Active;
            long capped = domain.Cap == 0 ? long.MaxValue : Ceiling(domain.Cap * period.Value, 100);
            long peak = Math.Min(active * period.Value + Share(owed, domain.Weight, weights), capped);
            long fair = Share(credit, domain.Weight, weights);
            if (fair < peak)
            {
                wantsMore = true;
            }
            else
            {
                if (left > 0)
                    credit += Share(fair - peak, weights, left);
                if (wantsMore)
                    MoveToFront(domain);
                fair = peak;
            }
            long each = Ceiling(fair, active);
            long debt = domain.Cap == 0 ? long.MaxValue : Ceiling(Ceiling(domain.Cap * options.Slice.Value, 100), active);
            foreach (CreditVcpu vcpu in domain.Vcpus)
                balance += vcpu.IsActive ? Settle(vcpu, each, debt) : 0;
        }
        _balance = balance;
    }

    // Answers the credit that the vCPU is left with.
    private long Settle(CreditVcpu vcpu, long received, long debtThatParks)
    {
        long credit = vcpu.Credit.Value + received;
        if (credit < 0)
        {
            vcpu.Priority = Priority.Over;
            bool isCapped = vcpu.Domain.Cap != 0;
            if (isCapped && credit < -debtThatParks)
                vcpu.IsParked = true;
            if (!isCapped)
                credit = Math.Max(credit, -options.Slice.Value);
        }
        else
        {
            vcpu.Priority = Priority.Under;
            vcpu.IsParked = false;
            if (credit > options.Slice.Value)
            {
                vcpu.IsActive = vcpu.IsRunnable;
                credit = vcpu.IsRunnable ? options.Slice.Value : 0;
            }
        }
        vcpu.IsParked &= vcpu.Domain.Cap != 0;
        vcpu.Credit = new Nanoseconds(credit);
        return credit;
    }

    private void MoveToFront(CreditDomain domain)
    {
        _order.Remove(domain);
        _order.Insert(0, domain);
    }

    // 128 bits: a weight times some seconds of many pCPUs does not fit 64.
    private static long Share(long amount, long part, long whole) => (long)(((Int128)amount * part + whole - 1) / whole);

    private static long Ceiling(long amount, long by) => (amount + by - 1) / by;
}
