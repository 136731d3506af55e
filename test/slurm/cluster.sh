#!/usr/bin/env bash
# A real Slurm on this machine alone, for tests: a controller and three nodes of four cores each on the loopback address. Needs root and
# Debian's slurm-wlm and munge; with accounts slurmdbd and mariadb-server too.
#   cluster.sh start FOLDER PORT [accounts]   its state, logs and slurm.conf in FOLDER; it takes the ports PORT to PORT+4
#   cluster.sh controller FOLDER              starts the controller again
#   cluster.sh node FOLDER NAME               starts the daemon of a node again
#   cluster.sh stop FOLDER
set -euo pipefail
what=$1
mkdir -p "$2"
dir=$(cd "$2" && pwd)
host=$(hostname -s)
export SLURM_CONF=$dir/slurm.conf

start_munge() {
  mkdir -p /run/munge
  chown munge /run/munge
  if [ ! -f /etc/munge/munge.key ]; then
    head -c 1024 /dev/urandom > /etc/munge/munge.key
    chown munge:munge /etc/munge/munge.key
    chmod 400 /etc/munge/munge.key
  fi
  pidof munged > /dev/null || su -s /bin/sh munge -c /usr/sbin/munged
}

start_accounts() { # PORT
  mkdir -p "$dir/db"
  chown mysql "$dir/db" "$dir"
  mariadb-install-db --user=mysql --datadir="$dir/db" --auth-root-authentication-method=normal > "$dir/db.log" 2>&1
  mariadbd --no-defaults --user=mysql --datadir="$dir/db" --socket="$dir/db.sock" --skip-networking \
    --pid-file="$dir/mariadb.pid" --innodb-buffer-pool-size=64M --innodb-lock-wait-timeout=900 >> "$dir/db.log" 2>&1 &
  for _ in $(seq 100); do mariadb-admin --no-defaults --socket="$dir/db.sock" ping > /dev/null 2>&1 && break; sleep 0.2; done
  mariadb --no-defaults --socket="$dir/db.sock" -e "create user slurm@localhost identified by 'slurm'; create database slurm; grant all on slurm.* to slurm@localhost"
  cat > "$dir/slurmdbd.conf" << CONF
AuthType=auth/munge
DbdHost=localhost
DbdPort=$1
SlurmUser=root
StorageType=accounting_storage/mysql
StorageUser=slurm
StoragePass=slurm
StorageLoc=slurm
LogFile=$dir/slurmdbd.log
PidFile=$dir/slurmdbd.pid
CONF
  chmod 600 "$dir/slurmdbd.conf"
  chown root "$dir/slurmdbd.conf"
  MYSQL_UNIX_PORT=$dir/db.sock SLURM_CONF=$dir/slurmdbd.conf slurmdbd
  for _ in $(seq 100); do sacctmgr -n list cluster > /dev/null 2>&1 && break; sleep 0.2; done
  sacctmgr -i add cluster test > /dev/null
}

case $what in
start)
  port=$3
  start_munge
  mkdir -p "$dir/state" "$dir/spool-n1" "$dir/spool-n2" "$dir/spool-n3"
  storage="AccountingStorageType=accounting_storage/none"
  age=300
  [ "${4:-}" != accounts ] || age=2
  [ "${4:-}" != accounts ] || storage="AccountingStorageType=accounting_storage/slurmdbd
AccountingStorageHost=localhost
AccountingStoragePort=$((port + 4))"
  cat > "$dir/slurm.conf" << CONF
ClusterName=test
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$port
AuthType=auth/munge
SlurmUser=root
StateSaveLocation=$dir/state
SlurmdSpoolDir=$dir/spool-%n
SlurmctldPidFile=$dir/slurmctld.pid
SlurmdPidFile=$dir/slurmd-%n.pid
SlurmctldParameters=idle_on_node_suspend
SlurmdParameters=config_overrides
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerParameters=sched_min_interval=200000,batch_sched_delay=0,bf_interval=1
ReturnToService=2
MpiDefault=none
SlurmdTimeout=8
KillWait=2
MinJobAge=$age
MessageTimeout=8
MaxArraySize=1001
MaxJobCount=10000
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=1
JobAcctGatherParams=OverMemoryKill
PreemptType=preempt/partition_prio
PreemptMode=CANCEL
$storage
NodeName=n1 NodeHostname=$host NodeAddr=127.0.0.1 Port=$((port + 1)) CPUs=4 RealMemory=4000
NodeName=n2 NodeHostname=$host NodeAddr=127.0.0.1 Port=$((port + 2)) CPUs=4 RealMemory=4000
NodeName=n3 NodeHostname=$host NodeAddr=127.0.0.1 Port=$((port + 3)) CPUs=4 RealMemory=4000
PartitionName=main Nodes=n1,n2,n3 Default=YES MaxTime=INFINITE State=UP PriorityTier=1 DefMemPerCPU=200
PartitionName=urgent Nodes=n1,n2,n3 MaxTime=INFINITE State=UP PriorityTier=10 DefMemPerCPU=200
CONF
  [ "${4:-}" != accounts ] || start_accounts $((port + 4))
  slurmctld -L "$dir/slurmctld.log"
  for node in n1 n2 n3; do slurmd -N $node -L "$dir/$node.log"; done
  for _ in $(seq 100); do
    [ "$(sinfo -h -N -o %T 2> /dev/null | grep -c '^idle$')" -ge 3 ] && exit 0
    sleep 0.2
  done
  sinfo >&2
  tail -5 "$dir"/*.log >&2
  exit 1
  ;;
controller) slurmctld -L "$dir/slurmctld.log" ;;
node) slurmd -N "$3" -L "$dir/$3.log" ;;
stop)
  for file in "$dir"/slurmd-*.pid "$dir"/slurmctld.pid "$dir"/slurmdbd.pid "$dir"/mariadb.pid; do
    [ -f "$file" ] || continue
    pid=$(cat "$file")
    kill "$pid" 2> /dev/null || continue
    for _ in $(seq 50); do kill -0 "$pid" 2> /dev/null || break; sleep 0.1; done
  done
  ;;
esac
